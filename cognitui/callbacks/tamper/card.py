"""The report card of a probe."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from cognitui.callbacks.tamper.advice import Framework, fix_for

if TYPE_CHECKING:
    from datetime import datetime

    from cognitui.callbacks.tamper.case import Level, Topic

FORMAT_VERSION = 1


class Mark(StrEnum):
    """What a case says about the endpoint."""

    SOUND = "sound"
    WEAK = "weak"
    """Nobody got in by it, but it is not how a sound endpoint answers."""
    UNSOUND = "unsound"
    """It accepted what it should not, gave away what it should not, or takes nothing any more."""
    INCONCLUSIVE = "inconclusive"
    """Nothing can be said, and the summary says why."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of one case.

    Attributes:
        case_id: The case's id; ``title``, ``sent``, ``expected`` and ``why`` are its own.
        level: How bad a wrong answer is for this scheme.
        topic: What has to be mended.
        statuses: The answers' statuses, in order; ``None`` where there was none.
        summary: What the endpoint did, in one sentence.
        ms: Milliseconds of all its requests.
    """

    case_id: str
    title: str
    sent: str
    expected: str
    why: str
    level: Level
    topic: Topic
    mark: Mark
    statuses: tuple[int | None, ...]
    summary: str
    ms: float

    def as_dict(self) -> dict[str, Any]:
        """The result for machines."""
        return {
            "id": self.case_id,
            "title": self.title,
            "level": str(self.level),
            "topic": str(self.topic),
            "verdict": str(self.mark),
            "statuses": list(self.statuses),
            "sent": self.sent,
            "expected": self.expected,
            "summary": self.summary,
            "why": self.why,
            "ms": round(self.ms, 1),
        }


@dataclass(frozen=True, slots=True)
class ReportCard:
    """What a probe found out about an endpoint.

    Attributes:
        url: The endpoint, without its query.
        scheme: The id of the scheme that it was probed with.
        framework: Whose words the advice is in.
        started_at: In UTC.
        ms: Milliseconds altogether.
        control: Why nothing can be concluded; empty when the honest callback was accepted.
        results: One for each case, in the order in which they were sent.
    """

    url: str
    scheme: str
    framework: Framework | None
    started_at: datetime
    ms: float
    control: str
    results: tuple[CaseResult, ...]

    @property
    def has_failed(self) -> bool:
        """Whether anything is unsound, or the honest callback was not accepted."""
        return bool(self.control) or any(r.mark is Mark.UNSOUND for r in self.results)

    @property
    def is_weak(self) -> bool:
        """Whether anything is weak."""
        return any(result.mark is Mark.WEAK for result in self.results)

    def marked(self, mark: Mark) -> tuple[CaseResult, ...]:
        """The results with this mark, in order."""
        return tuple(result for result in self.results if result.mark is mark)

    @property
    def topics(self) -> tuple[Topic, ...]:
        """What has to be mended, the unsound first; each once."""
        found = self.marked(Mark.UNSOUND) + self.marked(Mark.WEAK)
        return tuple(dict.fromkeys(result.topic for result in found))

    @property
    def score(self) -> str:
        """How many cases went how, in one line."""
        counts = Counter(result.mark for result in self.results)
        told = [f"{counts[Mark.SOUND]} of {len(self.results)} sound"]
        told += [
            f"{counts[mark]} {mark}"
            for mark in (Mark.UNSOUND, Mark.WEAK, Mark.INCONCLUSIVE)
            if counts[mark]
        ]
        return ", ".join(told)

    @property
    def conclusion(self) -> str:
        """The card in one sentence."""
        if self.control:
            return f"Nothing can be concluded: {self.control}"
        unsound = len(self.marked(Mark.UNSOUND))
        if unsound:
            attacks = "1 attack succeeds" if unsound == 1 else f"{unsound} attacks succeed"
            return f"Unsound: {attacks}."
        if self.is_weak:
            return "No attack succeeds, but the endpoint could be stronger."
        if self.marked(Mark.INCONCLUSIVE):
            return "No attack succeeds, but not all of them could be tried."
        return "Sound: every case was answered as it should be."

    def as_dict(self) -> dict[str, Any]:
        """The card for machines; a new ``version`` says when its keys change their meaning."""
        return {
            "version": FORMAT_VERSION,
            "url": self.url,
            "scheme": self.scheme,
            "framework": str(self.framework) if self.framework else None,
            "started_at": self.started_at.isoformat(),
            "ms": round(self.ms, 1),
            "failed": self.has_failed,
            "control_accepted": not self.control,
            "conclusion": self.conclusion,
            "score": self.score,
            "counts": {str(mark): len(self.marked(mark)) for mark in Mark},
            "results": [result.as_dict() for result in self.results],
            "fixes": {str(topic): fix_for(topic, self.framework) for topic in self.topics},
        }
