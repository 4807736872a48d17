"""Which webhook of a file is which webhook of the tenant: pure functions, and no state kept.

The API has no place for a mark of ours, so a webhook is known by what it is:

1. At home, where the file was written for, by its ``id``, if it is given and there is such a one.
2. Else by its skill and its endpoint. Of several with both the same, the one with the same events
   comes first, then one that is equal in the rest too, then the one that was registered first.

What was just created is found again by rule 2, so that a second run after a lost answer creates
nothing twice. For this no two webhooks of a file may have the same skill, endpoint and events,
unless their ids tell them apart.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import HttpUrl, ValidationError

from cognitui.callbacks.display import safe_text
from cognitui.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.webhooks.plan.described import Described

SHOWN_NAMES = 8


@dataclass(frozen=True, slots=True)
class Problem:
    """Why nothing can be applied yet.

    Attributes:
        name: The webhook of the file that it is about; empty when it is about all of them.
        sentence: What is wrong.
        hint: What to do about it; empty when the sentence says it already.
    """

    name: str
    sentence: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """A webhook of a file with the skill that it has on this bot."""

    described: Described
    skill_id: str
    skill_name: str

    @property
    def events(self) -> frozenset[str]:
        """What it is called for."""
        return frozenset(self.described.templates)


@dataclass(frozen=True, slots=True)
class Match:
    """A webhook of a file and its counterpart on the tenant; ``None`` when there is none yet."""

    wanted: Bound
    found: RegisteredWebhook | None


@dataclass(frozen=True, slots=True)
class Matching:
    """The whole: each webhook of the file once, and those of the tenant that it does not name."""

    matches: tuple[Match, ...]
    others: tuple[RegisteredWebhook, ...]
    problems: tuple[Problem, ...]


def bind(
    webhooks: Iterable[Described], skills: Mapping[str, str], *, is_home: bool
) -> tuple[list[Bound], list[Problem]]:
    """Find the skills of a file's webhooks on a bot.

    At home the id goes before the name, since a skill may have been renamed; elsewhere the name
    goes before the id, which belongs to something else there.

    Args:
        webhooks: The file's.
        skills: The bot's: names by id.
        is_home: Whether the file was written for this bot.
    """
    bound: list[Bound] = []
    problems: list[Problem] = []
    for webhook in webhooks:
        skill_id = webhook.skill_id
        by_name = [each for each, name in skills.items() if name and name == webhook.skill_name]
        uses_id = skill_id in skills and (is_home or not webhook.skill_name)
        if uses_id and by_name and skill_id not in by_name:
            problems.append(_two_skills(webhook, skills[skill_id], by_name[0]))
        elif uses_id:
            bound.append(Bound(webhook, skill_id, skills[skill_id]))
        elif len(by_name) == 1:
            bound.append(Bound(webhook, by_name[0], webhook.skill_name))
        else:
            problems.append(_no_skill(webhook, by_name, skills))
    return bound, problems


def _two_skills(webhook: Described, name: str, other_id: str) -> Problem:
    shown = [
        safe_text(text, 100) for text in (webhook.skill_id, name, webhook.skill_name, other_id)
    ]
    sentence = "The skill_id {} is that of {!r}, but the skill_name {!r} is that of {}."
    hint = "Take the wrong one of both out of the file."
    return Problem(webhook.name, sentence.format(*shown), hint)


def _no_skill(webhook: Described, by_name: Sequence[str], skills: Mapping[str, str]) -> Problem:
    shown = safe_text(webhook.skill_name or webhook.skill_id, 100)
    if by_name:
        ids = safe_text(", ".join(by_name), 200)
        sentence = f"The bot has {len(by_name)} skills called {shown!r}: {ids}."
        return Problem(webhook.name, sentence, "Name the right one by its skill_id alone.")
    known = [name for name in skills.values() if name] if webhook.skill_name else list(skills)
    near = did_you_mean(webhook.skill_name or webhook.skill_id, known)
    some = safe_text(", ".join(sorted(known)[:SHOWN_NAMES]), 400)
    more = f" and {len(known) - SHOWN_NAMES} more" if len(known) > SHOWN_NAMES else ""
    listed = f"The bot's skills are {some}{more}." if known else "The bot has no skills."
    return Problem(webhook.name, f"The bot has no skill {shown!r}.", near or listed)


def match(
    bound: Iterable[Bound], registered: Sequence[RegisteredWebhook], *, is_home: bool
) -> Matching:
    """Find the counterparts, by the rules above.

    Args:
        bound: The file's webhooks, in its order.
        registered: The bot's, in the tenant's order.
        is_home: Whether ids hold here.
    """
    wanted = list(bound)
    free = {webhook.id: webhook for webhook in registered}
    found: dict[str, RegisteredWebhook] = {}
    if is_home:
        for one in wanted:
            if one.described.webhook_id in free:
                found[one.described.name] = free.pop(one.described.webhook_id)
    left = [one for one in wanted if one.described.name not in found]
    problems = _same_twice(left)
    groups: dict[tuple[str, str], list[RegisteredWebhook]] = defaultdict(list)
    for webhook in free.values():
        groups[webhook.skill_id, normal_url(webhook.url)].append(webhook)
    # In rounds, the stricter first: whatever is equal stays, and only the rest is changed.
    for is_alike in (_is_equal, _has_same_events, lambda *_: True):
        for one in left:
            if one.described.name in found:
                continue
            candidates = groups[one.skill_id, one.described.endpoint_url]
            taken = _first(candidates, one, is_alike)
            if taken is not None:
                candidates.remove(taken)
                found[one.described.name] = free.pop(taken.id)
    matches = tuple(Match(one, found.get(one.described.name)) for one in wanted)
    return Matching(matches, tuple(free.values()), tuple(problems))


def _first(
    candidates: Iterable[RegisteredWebhook],
    wanted: Bound,
    is_alike: Callable[[Bound, RegisteredWebhook], bool],
) -> RegisteredWebhook | None:
    return next((each for each in candidates if is_alike(wanted, each)), None)


def _has_same_events(wanted: Bound, webhook: RegisteredWebhook) -> bool:
    return wanted.events == {trigger.event for trigger in webhook.triggers}


def _is_equal(wanted: Bound, webhook: RegisteredWebhook) -> bool:
    one = wanted.described
    return (
        _has_same_events(wanted, webhook)
        and one.enabled in {None, webhook.enabled}
        and (one.timeout_ms, one.retry_count)
        == (webhook.delivery.timeout, webhook.delivery.retries)
        and all(
            same_json(one.templates[trigger.event], trigger.payload_template)
            for trigger in webhook.triggers
        )
    )


def _same_twice(left: Iterable[Bound]) -> list[Problem]:
    seen: dict[tuple[str, str, frozenset[str]], str] = {}
    problems: list[Problem] = []
    for one in left:
        key = (one.skill_id, one.described.endpoint_url, one.events)
        if key in seen:
            sentence = f"It has the same skill, endpoint and events as {seen[key]!r}."
            hint = "The endpoint would be called twice for each event: take one of them out."
            problems.append(Problem(one.described.name, sentence, hint))
        seen.setdefault(key, safe_text(one.described.name, 100))
    return problems


def normal_url(url: str) -> str:
    """A URL as the client would send it, so that two spellings of one are equal."""
    try:
        return str(HttpUrl(url))
    except ValidationError:
        return url


def same_json(one: Any, other: Any) -> bool:
    """Whether two JSON values say the same: 1 is 1.0 but not true, and keys have no order."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(one[k], other[k]) for k in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        same_length = len(one) == len(other)
        return same_length and all(map(same_json, one, other))
    return bool(one == other)
