"""Print the code with which an endpoint verifies callbacks, made for a stack and a scheme.

A scheme of your own is a table [schemes.NAME] in config.toml:

  [schemes.acme]
  header = "X-Acme-Signature"
  value = "sha256={signature}"
  signs = "{timestamp}.{body}"
  timestamp_header = "X-Acme-Timestamp"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.schemes.ready import COGNIGY
from cognitui.callbacks.snippets import STACKS, snippet
from cognitui.callbacks.snippets.snippet import DEFAULT_PATH
from cognitui.cli.output import add_json, emit, say, table, talk, write
from cognitui.cli.schemes import scheme_named
from cognitui.errors import UsageError

if TYPE_CHECKING:
    import argparse

EXAMPLE = "cognitui callback code express --scheme standard > callback.mjs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("stack", metavar="STACK", nargs="?", help=f"one of {', '.join(STACKS)}")
    parser.add_argument(
        "--scheme",
        metavar="NAME",
        default=COGNIGY.id,
        help=f"how the callbacks are signed ({COGNIGY.id})",
    )
    parser.add_argument(
        "--path",
        metavar="PATH",
        default=DEFAULT_PATH,
        help=f"where the endpoint takes them ({DEFAULT_PATH})",
    )
    parser.add_argument("--list", action="store_true", help="list the stacks instead")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print, and return 0.

    Raises:
        UsageError: There is no such stack or scheme, or the path cannot be one.
        ConfigBroken: A setting or a scheme in the file cannot be used as it stands.
    """
    if args.list:
        if args.json:
            emit([{"stack": stack, "title": title} for stack, title in STACKS.items()])
        else:
            say(table(("STACK", "TITLE"), list(STACKS.items())))
        return 0
    if args.stack is None:
        raise UsageError("Which stack?", hint=f"There are {', '.join(STACKS)}.", field="stack")
    scheme = scheme_named(args.scheme)
    made = snippet(args.stack, scheme, path=args.path)
    if args.json:
        emit({
            "stack": made.stack,
            "title": made.title,
            "scheme": scheme.id,
            "language": made.language,
            "filename": made.filename,
            "code": made.code,
            "notes": list(made.notes),
        })  # fmt: skip
        return 0
    # It is printable as it is, and tabs have to stay tabs.
    write(made.code)
    talk(f"{made.title}, {made.filename}, scheme {scheme.id}:")
    for note in made.notes:
        talk(f"  {note}")
    return 0
