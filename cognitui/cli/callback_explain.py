"""Tell why a callback does not verify: what would have to be different for its signature.

FILE holds the request as it was received: its headers, an empty line and its body, or a curl
command; or it is a file of `callback listen --save`. Nothing is sent anywhere, and neither a secret
nor the right signature is printed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.callbacks.captures import SUFFIX, load_file
from cognitui.callbacks.explain.explain import explain
from cognitui.callbacks.explain.keys import NamedSecret, Role
from cognitui.callbacks.explain.paste import read_request, request_of
from cognitui.callbacks.schemes.ready import READY
from cognitui.cli.common import add_secret_file, read_input, webhook_secret
from cognitui.cli.output import add_json, emit, say
from cognitui.cli.schemes import scheme_named
from cognitui.clock import SYSTEM_CLOCK, unix_ms
from cognitui.errors import UsageError
from cognitui.settings import Settings, read_secret_file

if TYPE_CHECKING:
    import argparse

    from cognitui.callbacks.explain.cause import Finding
    from cognitui.callbacks.explain.explain import Explanation
    from cognitui.callbacks.explain.paste import PastedRequest

EXAMPLE = "cognitui callback explain request.http --secret-file secret.txt --candidate old=old.txt"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("file", metavar="FILE", help="the request; - for stdin")
    parser.add_argument("--scheme", default="cognigy", metavar="NAME",
                        help=f"how it has to be signed: {', '.join(READY)} (cognigy)")  # fmt: skip
    parser.add_argument("--now", type=int, metavar="MS", help="judge freshness at this moment")
    add_secret_file(parser)
    parser.add_argument("--previous-secret-file", metavar="FILE", type=Path,
                        help="holds the secret that the webhook had before")  # fmt: skip
    parser.add_argument("--candidate", action="append", default=[], metavar="NAME=FILE",
                        help="another secret that may have been used; may be repeated")  # fmt: skip
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Explain, and return 0 when the callback may be accepted, else 1."""
    scheme = scheme_named(args.scheme)
    request = _request(args.file)
    others = [_candidate(text) for text in args.candidate]
    if args.previous_secret_file is not None:
        previous = read_secret_file(args.previous_secret_file)
        others.insert(0, NamedSecret("the previous one", previous, Role.PREVIOUS))
    secret = webhook_secret(args, Settings.load())
    explanation = explain(
        request,
        scheme,
        [NamedSecret("the webhook's secret", secret), *others],
        now_ms=unix_ms(SYSTEM_CLOCK.now()) if args.now is None else args.now,
    )
    if args.json:
        emit(explanation.as_dict())
    else:
        _tell(explanation)
    return 0 if explanation.accepted else 1


def _request(file: str) -> PastedRequest:
    if not file.endswith(SUFFIX):
        return read_request(read_input(file))
    capture = load_file(Path(file))
    return request_of(capture.method, capture.path, capture.headers, capture.body)


def _candidate(text: str) -> NamedSecret:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise UsageError(
            "--candidate wants a name and a file.",
            hint="Such as --candidate acme-test=acme-test-secret.txt",
            field="candidate",
        )
    return NamedSecret(name, read_secret_file(Path(path)), Role.OTHER)


def _tell(explanation: Explanation) -> None:
    say(f"{'✓' if explanation.accepted else '✗'} {explanation.verdict.reason}")
    for number, finding in enumerate(explanation.findings, 1):
        say()
        _tell_finding(number, finding)
    for hint in explanation.verdict.hints if explanation.accepted else ():
        say(f"  {hint}")
    if explanation.notes or explanation.warning or not explanation.is_complete:
        say()
    for note in explanation.notes:
        say(f"Note: {note}.")
    if not explanation.is_complete:
        say(f"The search ended at its bound, after {explanation.tried:,} tries.")
    if explanation.warning:
        say(f"The scheme {explanation.scheme}: {explanation.warning}.")


def _tell_finding(number: int, finding: Finding) -> None:
    say(f"{number}. {finding.sentence}")
    say(f"   {finding.meaning}")
    say(f"   → {finding.remedy}")
