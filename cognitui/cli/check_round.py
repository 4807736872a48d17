"""What one round of ``webhooks check`` found, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cognitui.cli.files import replace_whole
from cognitui.cli.output import emit, say, talk
from cognitui.errors import ErrorKind
from cognitui.webhooks.health.course import has_changed
from cognitui.webhooks.health.grouping import group, worst_first
from cognitui.webhooks.health.lines import (
    change_line,
    group_lines,
    log_words,
    namer,
    summary_line,
)
from cognitui.webhooks.health.stored import as_dict
from cognitui.webhooks.words import counted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from cognitui.errors import CognituiError
    from cognitui.webhooks.health.check import Check, WebhookRef
    from cognitui.workspace.scope import Trouble


@dataclass(frozen=True, slots=True)
class Round:
    """What a sweep found.

    Attributes:
        since: Since when those are unhealthy that are.
        missing: Webhooks that were named and do not exist.
        problem: Why the checks could not be kept; ``None`` when they could.
        set_aside: Where a damaged log of checks was moved to; ``None`` when none was.
        unsigned: Webhooks that were to be pinged, and whose secrets are not known here.
    """

    checks: tuple[Check, ...]
    since: Mapping[WebhookRef, datetime]
    ended: datetime
    seconds: float
    troubles: tuple[Trouble, ...]
    left_out: tuple[str, ...]
    missing: tuple[str, ...]
    sweep_id: str
    problem: CognituiError | None = None
    unsigned: int = 0
    set_aside: Path | None = None

    @property
    def status(self) -> int:
        """The exit status that it stands for."""
        unreached = any(one.error.kind is ErrorKind.UNREACHABLE for one in self.troubles)
        # Where no key is at hand nothing is known, which is not the same as well.
        if unreached or (self.left_out and not self.checks):
            return ErrorKind.UNREACHABLE.value
        is_bad = self.troubles or self.missing or any(check.is_unhealthy for check in self.checks)
        return int(bool(is_bad))

    def as_dict(self) -> dict[str, Any]:
        """All of it, the worst first."""
        return {
            "sweep_id": self.sweep_id,
            "checked": len(self.checks),
            "unhealthy": sum(check.is_unhealthy for check in self.checks),
            "seconds": round(self.seconds, 3),
            "groups": [
                {
                    "key": one.key,
                    "title": one.title,
                    "outcome": str(one.outcome),
                    "blame": str(one.blame),
                    "hint": one.worst.hint,
                    "webhook_ids": [check.webhook_id for check in one.checks],
                }
                for one in group(self.checks)
            ],
            "checks": [self.with_since(check) for check in worst_first(self.checks)],
            "troubles": [
                {"tenant": one.tenant, "bot_id": one.bot_id, **one.error.as_dict()}
                for one in self.troubles
            ],
            "left_out": list(self.left_out),
            "missing": list(self.missing),
            "unsigned": self.unsigned,
        }

    def with_since(self, check: Check) -> dict[str, Any]:
        """A check, and since when it is unhealthy."""
        since = self.since.get(check.ref)
        return as_dict(check) | {"unhealthy_since": since.isoformat() if since else None}


class Output:
    """Tells rounds: the whole of one, or what is new in one after another.

    Args:
        as_json: Whether JSON is wanted on standard output.
        junit: Where JUnit XML is wanted; ``None`` for nowhere.
        prometheus: Where metrics are wanted; ``None`` for nowhere.
        lists_all: Whether webhooks that are well are listed as well.
    """

    def __init__(
        self, *, as_json: bool, junit: Path | None, prometheus: Path | None, lists_all: bool
    ) -> None:
        self._as_json, self._junit, self._prometheus = as_json, junit, prometheus
        self._lists_all = lists_all
        self._before: Round | None = None
        self._told: set[str] = set()

    def whole(self, found: Round) -> None:
        """All that a round found."""
        self._write_files(found)
        if self._as_json:
            emit(found.as_dict())
        else:
            name = namer(found.checks)
            for one in group(found.checks):
                lines = group_lines(
                    one, found.since, found.ended, lists_all=self._lists_all, name=name
                )
                say("\n".join(lines))
        self._tell_gaps(found)
        talk(summary_line(found.checks, found.seconds))

    def changes(self, found: Round) -> None:
        """The first round whole, and of the others only what is new."""
        before, self._before = self._before, found
        if before is None:
            self.whole(found)
            return
        self._write_files(found)
        self._tell_gaps(found)
        known = {check.ref: check for check in before.checks}
        for check in worst_first(found.checks):
            was = known.get(check.ref)
            if not has_changed(was, check):
                continue
            if self._as_json:
                emit({"change": found.with_since(check), "was": str(was.verdict) if was else None})
            else:
                time = check.at.astimezone().strftime("%H:%M:%S")
                say(f"{time}  {change_line(was, check, before.since.get(check.ref))}")
        # One that is missing from a round, because its bot could not be listed, is no news either.
        kept = {check.ref: check for check in (*before.checks, *found.checks)}
        self._before = replace(found, checks=tuple(kept.values()))

    def _tell_gaps(self, found: Round) -> None:
        """What could not be checked; in a watch once, until it is over."""
        gaps = [
            f"The webhooks of {'/'.join(filter(None, (one.tenant, one.bot_id)))} could not be "
            f"listed: {one.error.message}"
            for one in found.troubles
        ]
        gaps += [
            f"Left out, because its key is not at hand: {name}. See COGNITUI_VAULT_PASSPHRASE."
            for name in found.left_out
        ]
        gaps += [f"There is no webhook {webhook_id}." for webhook_id in found.missing]
        if found.unsigned:
            gaps.append(
                f"{counted(found.unsigned, 'webhook')} got no ping: it has to be signed, and "
                f"{'its secret is' if found.unsigned == 1 else 'their secrets are'} not known here."
                " COGNITUI_WEBHOOK_SECRET would sign it."
            )
        gaps += log_words(found.problem, found.set_aside)
        for gap in gaps:
            if gap not in self._told:
                talk(gap)
        self._told = set(gaps)

    def _write_files(self, found: Round) -> None:
        if self._junit is not None:
            from cognitui.webhooks.health.junit import junit

            unlisted = [(one.tenant, one.bot_id, one.error.message) for one in found.troubles]
            replace_whole(self._junit, junit(found.checks, found.since, unlisted=unlisted))
        if self._prometheus is not None:
            from cognitui.webhooks.health.prometheus import exposition

            pairs = [(one.tenant, one.bot_id) for one in found.troubles]
            metrics = exposition(found.checks, found.since, unlisted=pairs)
            replace_whole(self._prometheus, metrics)
