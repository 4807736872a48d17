"""Write a callback that was kept as curl, an .http file, a HAR archive or a test for pytest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.callbacks.captures import load_file
from cognitui.callbacks.export.curl import curl
from cognitui.callbacks.export.har import har
from cognitui.callbacks.export.http_file import http_file
from cognitui.callbacks.export.pytest_case import pytest_case
from cognitui.callbacks.export.subject import DEFAULT_URL, Format, Subject, of_capture
from cognitui.cli.files import write_private
from cognitui.cli.output import add_json, emit, talk, write
from cognitui.errors import UsageError

if TYPE_CHECKING:
    import argparse

EXAMPLE = "cognitui callback export captures/20260517-120000-000-on_message-1a2b3c4d.capture.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "capture", metavar="CAPTURE", type=Path, help="a file of `callback listen --save`"
    )
    parser.add_argument(
        "--as",
        dest="format",
        default=str(Format.CURL),
        choices=[str(each) for each in Format],
        help="the form, curl if not given",
    )
    parser.add_argument(
        "--url", default=DEFAULT_URL, metavar="URL", help=f"where it is to go ({DEFAULT_URL})"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write it there, for its owner only"
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Export, and return 0."""
    from cognitui.callbacks.exchange import check_url

    check_url(args.url)
    text, body_file, body = _exported(args, of_capture(load_file(args.capture), args.url))
    if args.output is not None:
        write_private(args.output, text.encode("utf-8"))
        written = [args.output]
        if body_file:
            written.append(args.output.with_name(body_file))
            write_private(written[1], body)
        if args.json:
            emit({"format": args.format, "files": [str(path) for path in written]})
        else:
            talk(f"Written: {', '.join(str(path) for path in written)}.")
        return 0
    if body_file:
        raise UsageError(
            "The body of this callback cannot stand in such a file unchanged.",
            hint="--output FILE writes the body to a file of its own beside it.",
            field="output",
        )
    if args.json:
        emit({"format": args.format, "text": text})
    else:
        # As it is: what is exported has nothing in it that could steer a terminal.
        write(text if text.endswith("\n") else f"{text}\n")
    return 0


def _exported(args: argparse.Namespace, subject: Subject) -> tuple[str, str, bytes]:
    if args.format == Format.HTTP:
        name = f"{args.output.stem}.body" if args.output else "callback.body"
        made = http_file(subject, name)
        return made.text, made.body_file, made.body
    if args.format == Format.HAR:
        return har([subject]), "", b""
    make = {Format.CURL: curl, Format.PYTEST: pytest_case}[Format(args.format)]
    return make(subject), "", b""
