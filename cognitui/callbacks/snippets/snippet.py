"""A verify snippet for a stack and a scheme."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognitui.callbacks.schemes.scheme import StaticHeader
from cognitui.callbacks.snippets.stacks import KNOWN, Stack
from cognitui.callbacks.snippets.template import fill, template
from cognitui.callbacks.snippets.words import values_of
from cognitui.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from cognitui.callbacks.schemes.scheme import Scheme

DEFAULT_PATH = "/cognigy"
STACKS: dict[str, str] = {stack.id: stack.title for stack in KNOWN}
"""Every stack's title, by its id."""

_STACK = {stack.id: stack for stack in KNOWN}
_ALSO = {"c#": "csharp"}
_PATH = re.compile(r"(/[0-9A-Za-z._~-]+)+")


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code that verifies callbacks.

    Attributes:
        stack: The stack's id.
        title: The stack's name.
        language: The language's name as Markdown and highlighters know it.
        filename: What to call the file.
        code: The whole file.
        notes: What to know about it, a sentence or two each.
    """

    stack: str
    title: str
    language: str
    filename: str
    code: str
    notes: tuple[str, ...]


def snippet(stack: str, scheme: Scheme, *, path: str = DEFAULT_PATH) -> Snippet:
    """The code that verifies callbacks of a scheme.

    Args:
        stack: A stack's id, in capitals or not; C# will do too.
        scheme: How the callbacks are signed.
        path: Where the endpoint takes them.

    Raises:
        UsageError: There is no such stack, or the path cannot be one.
    """
    wanted = stack.lower()
    found = _STACK.get(_ALSO.get(wanted, wanted))
    if found is None:
        raise UsageError(
            f"There is no stack {stack!r}.",
            hint=did_you_mean(stack, STACKS) or f"There are {', '.join(STACKS)}.",
            field="stack",
        )
    if not _PATH.fullmatch(path):
        raise UsageError(
            f"{path!r} cannot be the path of an endpoint here.",
            hint="Write one such as /hooks/cognigy, of letters, digits, hyphens and dots.",
            field="path",
        )
    values, parts = values_of(scheme, found.dialect)
    paths = {"path": found.dialect.literal(path), "bare_path": path.removeprefix("/")}
    code = fill(template(found.id), {**values, **paths}, parts)
    notes = _notes(found, scheme)
    return Snippet(found.id, found.title, found.language, found.filename, code, notes)


def _notes(stack: Stack, scheme: Scheme) -> tuple[str, ...]:
    notes = ["The secret comes from the environment variable WEBHOOK_SECRET.", *stack.notes]
    if scheme.warning:
        notes.append(f"{scheme.warning[0].upper()}{scheme.warning[1:]}.")
    if not all(isinstance(part, StaticHeader) for part in scheme.parts):
        notes.append(_replay(scheme))
    return tuple(notes)


def _replay(scheme: Scheme) -> str:
    if any(isinstance(part, StaticHeader) or not part.has_timestamp for part in scheme.parts):
        return (
            "There is no timestamp, so a captured callback stays good for ever. Where that does "
            "harm, remember the signatures of all that were accepted."
        )
    return (
        "The same callback can arrive again within five minutes. Where that does harm, remember "
        "for ten minutes which were accepted, and refuse those."
    )
