"""Which records are wanted, and the language in which people say so.

``action:register outcome:failed since:2h webhook:wh_03f2 "no answer" -error:timeout``
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from cognitui.audit.records import Action, Outcome
from cognitui.audit.when import read_milliseconds, read_moment
from cognitui.cognigy.models import TriggerEvent
from cognitui.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records are wanted; what is ``None`` or empty leaves a criterion out.

    Attributes:
        before_id: Older ones than this, for the next page.
        actions: Any of these.
        text: Words, each of which must occur in an id, the endpoint, the event, the error code or
            the detail; upper and lower case are the same. Quotes keep several words together.
        since: From this moment on.
        until: Before this moment.
        slower_than_ms: Timed ones that took longer.
        without: Not those that any of these wants.
    """

    before_id: int | None = None
    action: Action | None = None
    actions: tuple[Action, ...] = ()
    outcome: Outcome | None = None
    tenant: str | None = None
    bot_id: str | None = None
    webhook_id: str | None = None
    skill_id: str | None = None
    event: str | None = None
    actor: str | None = None
    operation_id: str | None = None
    error_code: str | None = None
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    slower_than_ms: float | None = None
    without: tuple[Wanted, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """What must occur."""
        return tuple(part for part in (term.replace('"', "") for term in _terms(self.text)) if part)


class FilterKey(NamedTuple):
    """A key of the filter language, for help and completion."""

    key: str
    meaning: str
    example: str


FILTER_KEYS = (
    FilterKey("action", "what was done, or a family of actions", "action:register"),
    FilterKey("outcome", "what came of it", "outcome:failed"),
    FilterKey("since", "from then on: an age, a day or a time", "since:2h"),
    FilterKey("until", "before then; a day counts as a whole", "until:2026-05-17T12:00"),
    FilterKey("webhook", "the webhook's id", "webhook:wh_03f2"),
    FilterKey("tenant", "the tenant's name", "tenant:acme"),
    FilterKey("bot", "the bot's id", "bot:bot_12345"),
    FilterKey("skill", "the skill's id", "skill:skill_67890"),
    FilterKey("event", "the trigger event", "event:ON_MESSAGE"),
    FilterKey("actor", "who did it", "actor:jo@desk"),
    FilterKey("operation", "the operation's id", "operation:op_0f3a"),
    FilterKey("error", "the error's code", "error:timeout"),
    FilterKey("slower", "took longer than this", "slower:500ms"),
)

MOST_TERMS = 100
"""Pairs and words of a filter; SQLite takes some hundred conditions at once."""

MOST_LETTERS = 4000

_EVENTS = frozenset(str(event) for event in TriggerEvent)
_TERM = re.compile(r'(?:[^\s"]|"[^"]*(?:"|\Z))+')
_PAIR = re.compile(r"([A-Za-z_]+):(?!//)(.*)\Z", re.DOTALL)


def read_filter(text: str, *, now: datetime) -> Wanted:
    """What a filter asks for; nothing typed asks for everything.

    Args:
        text: Pairs of a key and a value, and free words. A leading minus excludes. What stands in
            quotes is one word, and never a key.
        now: The present, with the time zone in which times without one are meant.

    Raises:
        UsageError: A key or a value is unknown, with the nearest that is known; its ``field`` is
            the word at fault. Or the filter is longer than `MOST_LETTERS` or `MOST_TERMS`.
    """
    if len(text) > MOST_LETTERS:
        raise _too_much(f"{MOST_LETTERS} characters")
    if len(terms := _terms(text)) > MOST_TERMS:
        raise _too_much(f"{MOST_TERMS} words")
    wanted, words = Wanted(), list[str]()
    for term in terms:
        excludes = len(term) > 1 and term.startswith("-")
        bare = term[1:] if excludes else term
        pair = None if bare.startswith('"') else _PAIR.match(bare)
        if pair is None:
            if not excludes:
                words.append(bare)
            elif (unwanted := Wanted(text=bare)).words:
                wanted = replace(wanted, without=(*wanted.without, unwanted))
            continue
        changes = _changes(term, pair[1].lower(), pair[2].replace('"', ""), now)
        if excludes:
            wanted = replace(wanted, without=(*wanted.without, Wanted(**changes)))
        else:
            wanted = _merged(wanted, changes, term)
    return replace(wanted, text=" ".join(words))


def _terms(text: str) -> list[str]:
    return _TERM.findall(text)


def _too_much(most: str) -> UsageError:
    return UsageError(f"A filter has at most {most}.", hint="Ask for less at a time.")


def _changes(term: str, key: str, value: str, now: datetime) -> dict[str, Any]:
    reader = _READERS.get(key)
    if reader is None:
        near = did_you_mean(key, _READERS)
        hint = near or f"Known are {', '.join(_READERS)}."
        message = f"{key!r} is no key of the filter."
        raise UsageError(message, hint=f"{hint} Quotes make it a word to look for.", field=term)
    if not value:
        raise UsageError(f"{key}: says nothing.", hint=f"Write {_EXAMPLES[key]}.", field=term)
    try:
        return reader(value, now)
    except UsageError as error:
        raise UsageError(error.message, hint=error.hint, field=term) from None


def _merged(wanted: Wanted, changes: dict[str, Any], term: str) -> Wanted:
    if "actions" in changes:
        return replace(wanted, actions=(*wanted.actions, *changes["actions"]))
    for name, value in changes.items():
        if getattr(wanted, name) not in {None, value}:
            raise UsageError(
                f"{term.partition(':')[0]} is asked for twice.", hint="Give it once.", field=term
            )
    return replace(wanted, **changes)


def _actions(value: str, _: datetime) -> dict[str, Any]:
    typed = value.lower()
    names = {str(action): (action,) for action in Action}
    for action in Action:
        family, _dot, verb = action.partition(".")
        for name in (family, verb):
            names[name] = (*names.get(name, ()), action)
    if typed not in names:
        raise UsageError(f"{value!r} is no action.", hint=_nearest(typed, names))
    return {"actions": names[typed]}


def _outcome(value: str, _: datetime) -> dict[str, Any]:
    typed = value.lower()
    if typed not in set(Outcome):
        raise UsageError(f"{value!r} is no outcome.", hint=_nearest(typed, list(Outcome)))
    return {"outcome": Outcome(typed)}


def _event(value: str, _: datetime) -> dict[str, Any]:
    typed = value.upper()
    if typed in _EVENTS:
        return {"event": typed}
    return {"event": f"ON_{typed}" if f"ON_{typed}" in _EVENTS else value}


def _nearest(typed: str, known: Any) -> str:
    words = [str(word) for word in known]
    return did_you_mean(typed, words) or f"Known are {', '.join(words)}."


def _plain(name: str) -> Callable[[str, datetime], dict[str, Any]]:
    return lambda value, _: {name: value}


_READERS: dict[str, Callable[[str, datetime], dict[str, Any]]] = {
    "action": _actions,
    "outcome": _outcome,
    "since": lambda value, now: {"since": read_moment(value, now=now)},
    "until": lambda value, now: {"until": read_moment(value, now=now, is_end=True)},
    "webhook": _plain("webhook_id"),
    "tenant": _plain("tenant"),
    "bot": _plain("bot_id"),
    "skill": _plain("skill_id"),
    "event": _event,
    "actor": _plain("actor"),
    "operation": _plain("operation_id"),
    "error": _plain("error_code"),
    "slower": lambda value, _: {"slower_than_ms": read_milliseconds(value)},
}
_EXAMPLES = {entry.key: entry.example for entry in FILTER_KEYS}
