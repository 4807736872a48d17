"""What a key may do, found out without changing anything: pure functions from answers to lines.

Reading is tried by reading. Managing is tried by changing nothing of a webhook that does not exist:
whoever may not do so is told 403 before anybody looks for it. Where that tells nothing of
``bot:write``, and the tenant does not list the token's scopes, it stays unknown.
"""

from __future__ import annotations

import re
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from cognitui.cognigy.answers import status_error
from cognitui.network.outcome import Outcome
from cognitui.tenants.doctor.api import as_object
from cognitui.tenants.doctor.key import failed
from cognitui.tenants.doctor.line import Cause, CheckName, Line, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from cognitui.cognigy.answer import Answer
    from cognitui.cognigy.operation import Operation

READ, MANAGE, WRITE = "bot:read", "webhook:manage", "bot:write"
NOBODYS = "cognitui-asks-for-a-webhook-that-does-not-exist"
_ID = re.compile(r"(?!\.{1,2}$)[!-~]{1,200}")
_SCOPE = re.compile(r"\b(?:bot:read|bot:write|webhook:manage)\b")
_CAUSES = {
    CheckName.READ: Cause.NO_READ,
    CheckName.MANAGE: Cause.NO_MANAGE,
    CheckName.WRITE: Cause.NO_WRITE,
}
_OFFERS_NOT = {HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}


def reading(answer: Answer, operation: Operation, now: datetime) -> Line:
    """What ``GET /bots`` tells of ``bot:read``."""
    if answer.status == HTTPStatus.OK:
        bots = bots_in(answer.body)
        if bots is None:
            return Line(CheckName.READ, Outcome.OK, "the list of bots is let through")
        more = " or more" if as_object(answer.body).get("nextPage") else ""
        noun = "bot" if len(bots) == 1 and not more else "bots"
        return Line(CheckName.READ, Outcome.OK, f"{len(bots)}{more} {noun} can be seen")
    if answer.status == HTTPStatus.FORBIDDEN:
        return missing(CheckName.READ)
    if answer.status in _OFFERS_NOT or answer.status == HTTPStatus.NOT_FOUND:
        words = f"not told: this tenant does not list its bots ({answer.status})"
        return Line(CheckName.READ, Outcome.SKIPPED, words)
    return _failed(CheckName.READ, answer, operation, now)


def managing(answer: Answer, operation: Operation, now: datetime, lacks: Collection[str]) -> Line:
    """What changing nothing of no webhook tells of ``webhook:manage``."""
    status = answer.status
    if status == HTTPStatus.FORBIDDEN:
        if MANAGE in lacks:
            return missing(CheckName.MANAGE)
        words = f"not told: without {' and '.join(sorted(lacks))} nothing is let through"
        return Line(CheckName.MANAGE, Outcome.SKIPPED, words)
    if status in _OFFERS_NOT:
        words = f"not told: this tenant changes no webhooks ({status})"
        return Line(CheckName.MANAGE, Outcome.SKIPPED, words)
    if status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY):
        words = f"let through: a change of no webhook was answered {status}"
        return Line(CheckName.MANAGE, Outcome.OK, words)
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Line(CheckName.MANAGE, Outcome.OK, f"let through ({status})")
    return _failed(CheckName.MANAGE, answer, operation, now)


def writing(scopes: Sequence[str], lacks: Collection[str], *, was_let_through: bool) -> Line:
    """What is known of ``bot:write``, which nothing harmless asks for.

    Args:
        scopes: Those of the token, where the tenant lists them.
        lacks: Those that a refusal named.
        was_let_through: Whether the change of no webhook was.
    """
    if WRITE in lacks or (scopes and WRITE not in scopes and not was_let_through):
        return missing(CheckName.WRITE)
    if WRITE in scopes:
        return Line(CheckName.WRITE, Outcome.OK, "among the token's scopes; not tried")
    words = "not tried: it takes a change, and the tenant does not list the token's scopes"
    return Line(CheckName.WRITE, Outcome.SKIPPED, words)


def missing(name: CheckName) -> Line:
    """The line for a scope that the key lacks."""
    return Line(
        name,
        Outcome.FAIL,
        f"The key lacks the scope {name}.",
        f"Let the tenant's administrator add {name} to the key, or use another key.",
        cause=_CAUSES[name],
    )


def lacking(answer: Answer) -> frozenset[str]:
    """The scopes that a refusal names; the one that we know of where it names none."""
    if answer.status != HTTPStatus.FORBIDDEN:
        return frozenset()
    named = _SCOPE.findall(answer.body[:65_536].decode("utf-8", "replace"))
    return frozenset(named) or frozenset({MANAGE})


def scopes_in(body: bytes) -> tuple[str, ...]:
    """The scopes that came with a token; none where the tenant does not list them."""
    told = as_object(body).get("scope")
    words = told.split() if isinstance(told, str) else []
    return tuple(shown(word, 40) for word in words[:10])


def bots_in(body: bytes) -> list[str] | None:
    """The ids of the bots on a page; ``None`` when it is no such page."""
    items = as_object(body).get("items")
    if not isinstance(items, list):
        return None
    found = [item.get("id") for item in items if isinstance(item, dict)]
    return [each for each in found if isinstance(each, str) and _ID.fullmatch(each)]


def _failed(name: CheckName, answer: Answer, operation: Operation, now: datetime) -> Line:
    line = failed(name, status_error(answer, operation, now), answer)
    # The token endpoint is where it should be, so it is not the base URL that is wrong.
    return replace(line, cause=Cause.FAILING) if line.cause is Cause.WRONG_PATH else line
