"""Checks with one cause, put together, the worst first: pure functions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cognitui.network.outcome import Outcome
from cognitui.network.resolve import is_address
from cognitui.network.stage import Cause
from cognitui.webhooks.endpoint_report import EndpointVerdict
from cognitui.webhooks.health.blame import Blame
from cognitui.webhooks.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cognitui.webhooks.health.check import Check

_ORDER = (
    EndpointVerdict.UNREACHABLE,
    EndpointVerdict.SERVER_ERROR,
    EndpointVerdict.MISSING,
    EndpointVerdict.GONE,
    EndpointVerdict.REDIRECTS,
    EndpointVerdict.BLOCKED,
    EndpointVerdict.INCONCLUSIVE,
    EndpointVerdict.PRESENT,
    EndpointVerdict.ACCEPTING,
)
_OUTCOMES = (Outcome.FAIL, Outcome.WARN, Outcome.SKIPPED, Outcome.OK)
_RANKS = {verdict: rank for rank, verdict in enumerate(_ORDER)}
_URGENCIES = {outcome: rank for rank, outcome in enumerate(_OUTCOMES)}
_NO_END = 1_000_000
_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class Group:
    """Webhooks that are as they are for one reason.

    Attributes:
        key: The same from one sweep to the next while the reason is.
        sentence: The reason, such as "certificate of hooks.acme.example expires in 6 days".
        checks: The latest check of each webhook, the worst first.
    """

    key: str
    sentence: str
    checks: tuple[Check, ...]

    @property
    def worst(self) -> Check:
        """The check that stands for all of them."""
        return self.checks[0]

    @property
    def outcome(self) -> Outcome:
        """How bad it is."""
        return self.worst.outcome

    @property
    def blame(self) -> Blame:
        """Whose matter it is."""
        return self.worst.blame

    @property
    def title(self) -> str:
        """``14 webhooks: certificate of hooks.acme.example expires in 6 days``."""
        return f"{counted(len(self.checks), 'webhook')}: {self.sentence}"


def badness(check: Check) -> tuple[int, bool, int, int, str, str, str]:
    """What checks are sorted by, the worst first; equal ones by tenant, bot and id.

    What does not arrive today comes before what will not arrive in some days.
    """
    left = _NO_END if check.tls_days_left is None else check.tls_days_left
    return (*_urgency(check), _RANKS[check.verdict], left, *check.ref)


def worst_first(checks: Iterable[Check]) -> list[Check]:
    """The checks, the worst first."""
    return sorted(checks, key=badness)


def group(checks: Iterable[Check]) -> list[Group]:
    """The checks by their causes: the worst cause first, and of equally bad ones the largest.

    Args:
        checks: The latest of each webhook.
    """
    found: dict[str, list[Check]] = {}
    for check in worst_first(_blaming_this_machine(list(checks))):
        found.setdefault(check.group_key, []).append(check)
    groups = [Group(key, its[0].group_sentence, tuple(its)) for key, its in found.items()]
    return sorted(
        groups,
        key=lambda one: (_urgency(one.worst), -len(one.checks), badness(one.worst)),
    )


def _urgency(check: Check) -> tuple[int, bool]:
    return _URGENCIES[check.outcome], check.is_to_come


def _blaming_this_machine(checks: Sequence[Check]) -> Sequence[Check]:
    """The checks; where not one of several names was found, with one cause instead of many."""
    lost = {check.ref: name for check in checks if _is_lost(check) and (name := _name_of(check))}
    lost_names = set(lost.values())
    may_be_named = lost_names | {""}
    rest = (check for check in checks if check.ref not in lost)
    if len(lost_names) < _SEVERAL or not all(_name_of(check) in may_be_named for check in rest):
        return checks
    sentence = (
        f"none of their {len(lost_names)} hosts was found: this machine may have no network or "
        "no DNS"
    )
    hint = "Check the network and the DNS of this machine, then check again."
    return [
        replace(check, group_key="no dns", group_sentence=sentence, hint=hint, blame=Blame.MACHINE)
        if check.ref in lost
        else check
        for check in checks
    ]


def _name_of(check: Check) -> str:
    """The host that the DNS is asked about; empty where none is."""
    try:
        host = urlsplit(check.url).hostname or ""
    except ValueError:
        return ""
    return "" if is_address(host) or check.cause is Cause.URL else host


def _is_lost(check: Check) -> bool:
    """Whether the DNS told no address for its host."""
    last = check.stages[-1].name if check.stages else ""
    is_silent = check.cause is Cause.TIMEOUT and last == "dns"
    return check.outcome is Outcome.FAIL and (check.cause is Cause.NO_HOST or is_silent)
