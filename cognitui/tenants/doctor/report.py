"""All checks together: what to put right first, and the whole as text and for machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cognitui.network.outcome import Outcome
from cognitui.tenants.doctor.line import Cause, CheckName, Line, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME_WIDTH = 15
HEALTHY, REFUSED, UNREACHABLE = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Report:
    """What an examination found, whether it has ended or not.

    Attributes:
        lines: The checks that have ended, in their order.
    """

    lines: Sequence[Line]

    @property
    def first(self) -> Line | None:
        """The line to begin with: the first that failed, else the first with a remark."""
        for outcome in (Outcome.FAIL, Outcome.WARN):
            for line in self.lines:
                if line.outcome is outcome:
                    return line
        return None

    @property
    def cause(self) -> Cause:
        """The one thing to put right first."""
        return self.first.cause if self.first else Cause.NOTHING

    @property
    def correction(self) -> str:
        """The base URL to use instead; empty where none is known to be better."""
        found = [line for line in self.lines if line.correction]
        answers = [line.outcome for line in self.lines if line.name is CheckName.API]
        if not found or (found[-1].name is CheckName.URL and not _is_good(answers)):
            return ""
        return found[-1].correction

    @property
    def is_let_in(self) -> bool:
        """Whether the key was accepted."""
        return any(
            line.name is CheckName.KEY and line.outcome in (Outcome.OK, Outcome.WARN)
            for line in self.lines
        )

    @property
    def status(self) -> int:
        """0 healthy; 1 let in, but something is to be put right; 3 not reached or not let in."""
        if self.first is None:
            return HEALTHY
        is_outside = self.first.outcome is Outcome.FAIL and not self.is_let_in
        return UNREACHABLE if is_outside else REFUSED

    @property
    def conclusion(self) -> str:
        """The whole in one sentence."""
        if self.first is not None:
            return f"{self.first.outcome.mark} {self.cause}: {self.first.summary}"
        if self.is_let_in:
            return "✓ The tenant lets us in, and nothing needs doing."
        return "✓ The API answers there. Without a key no more can be told."

    def as_dict(self) -> dict[str, Any]:
        """The report for machines."""
        return {
            "healthy": self.first is None,
            "cause": None if self.first is None else str(self.cause),
            "summary": self.conclusion,
            "hint": (self.first.hint or None) if self.first else None,
            "base_url": self.correction or None,
            "checks": [line.as_dict() for line in self.lines],
        }

    def as_text(self, title: str) -> str:
        """The report as plain text, for a ticket.

        Args:
            title: Whose tenant it is.
        """
        parts = [shown(title), *conclusion_lines(self), ""]
        parts += [line_text(line) for line in self.lines]
        return "\n".join(parts)


def _is_good(outcomes: Sequence[Outcome]) -> bool:
    return bool(outcomes) and outcomes[0] in (Outcome.OK, Outcome.WARN)


def conclusion_lines(report: Report) -> list[str]:
    """What to put right first, and how."""
    lines = [report.conclusion]
    if report.first is not None and report.first.hint:
        lines.append(f"  {report.first.hint}")
    if report.correction:
        lines.append(f"  Use the base URL {report.correction}")
    return [shown(line) for line in lines]


def is_timed(line: Line) -> bool:
    """Whether how long it took says something."""
    return line.name.takes_time and line.outcome is not Outcome.SKIPPED


def line_text(line: Line) -> str:
    """A check as one line, with what to do on a second one."""
    time = f"  {line.ms:.0f} ms" if is_timed(line) else ""
    text = f"{line.outcome.mark} {line.name:<{NAME_WIDTH}}{line.summary}{time}"
    rows = [text, f"  {'':<{NAME_WIDTH}}{line.hint}"] if line.hint else [text]
    return "\n".join(shown(row) for row in rows)
