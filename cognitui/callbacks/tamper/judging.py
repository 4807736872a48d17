"""What the answers to one case say about the endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from cognitui.callbacks.tamper.card import CaseResult, Mark
from cognitui.callbacks.tamper.case import Case, Expect, Level, Topic
from cognitui.callbacks.tamper.request_cases import INJECTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.tamper.case import Shot
    from cognitui.callbacks.tamper.wire import Answer

BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_LEAKED = "Whoever asks may be a forger, and has now been helped."
_RAISED = "An exception is no answer: senders try again, and strangers fill your error log."
_TRACES = (b"Traceback (most recent call last)", b"\n    at ", b"<br> &nbsp; &nbsp;at ")


@dataclass(frozen=True, slots=True)
class Judged:
    """A mark, and why, in one sentence.

    Attributes:
        topic: What has to be mended, where that is not the case's own topic.
        why: Why it matters, where that is not what the case is about.
    """

    mark: Mark
    summary: str
    topic: Topic | None = None
    why: str = ""


def judge_case(
    case: Case,
    scheme: Scheme,
    shots: Sequence[Shot],
    answers: Sequence[Answer],
    secret_forms: Sequence[bytes],
    *,
    acknowledges_replays: bool = False,
) -> CaseResult:
    """The result of a case.

    Args:
        case: What was tried.
        scheme: How the endpoint verifies.
        shots: The requests that were sent.
        answers: Their answers; fewer when one that had to be accepted was not.
        secret_forms: How the secret would look in an answer.
        acknowledges_replays: Whether a 2xx to a replay is no sign of its being acted on.
    """
    level = case.level_for(scheme)
    if acknowledges_replays and case.topic is Topic.REPLAY:
        level = Level.INFO
    judged = _leaks(shots, answers, secret_forms) or _judge(case, level, shots, answers)
    return result_of(
        case,
        scheme,
        judged,
        level=level,
        statuses=tuple(answer.status for answer in answers),
        ms=sum(answer.ms for answer in answers),
    )


def result_of(
    case: Case,
    scheme: Scheme,
    judged: Judged,
    *,
    level: Level | None = None,
    statuses: tuple[int | None, ...] = (),
    ms: float = 0.0,
) -> CaseResult:
    """A result in the words of its case."""
    return CaseResult(
        case_id=case.id,
        title=case.title,
        sent=case.sent,
        expected=case.expected,
        why=judged.why or case.why,
        level=level or case.level_for(scheme),
        topic=judged.topic or case.topic,
        mark=judged.mark,
        statuses=statuses,
        summary=judged.summary,
        ms=ms,
    )


def is_accepted(answer: Answer) -> bool:
    """Whether the endpoint took the callback."""
    return answer.status is not None and HTTPStatus(200) <= answer.status < HTTPStatus(300)


def is_busy(answer: Answer) -> bool:
    """Whether the endpoint had no time for the question."""
    return answer.status in BUSY


def _leaks(
    shots: Sequence[Shot], answers: Sequence[Answer], secret_forms: Sequence[bytes]
) -> Judged | None:
    for shot, answer in zip(shots, answers, strict=False):
        if any(form in answer.content for form in secret_forms):
            return Judged(Mark.UNSOUND, "Its answer holds the secret.", Topic.LEAK, _LEAKED)
        lowered = answer.content.lower()
        if any(text.lower() in lowered for text in shot.right_signatures):
            summary = "Its answer holds the right signature: it signs whatever a stranger sends."
            return Judged(Mark.UNSOUND, summary, Topic.LEAK, _LEAKED)
        if any(name.lower() == INJECTED for name, _ in answer.headers):
            summary = "Its answer has a header that the request wrote into it."
            return Judged(Mark.UNSOUND, summary, Topic.HEADERS)
    return None


def _judge(case: Case, level: Level, shots: Sequence[Shot], answers: Sequence[Answer]) -> Judged:
    last = answers[-1]
    if case.expects is Expect.ACCEPTED and level is Level.MUST and not is_accepted(last):
        said = last.sentence or f"It answers {last.status}."
        return Judged(Mark.UNSOUND, f"It does not accept an honest callback. {said}")
    if len(answers) < len(shots):
        said = last.sentence or f"It answers {last.status}."
        return Judged(Mark.INCONCLUSIVE, f"The first, honest one was not accepted. {said}")
    if last.status is None:
        return _judge_failure(case, last)
    return _judge_status(case, level, last, last.status)


def _judge_status(case: Case, level: Level, answer: Answer, status: int) -> Judged:
    if is_busy(answer):
        return Judged(
            Mark.INCONCLUSIVE,
            f"It answers {status}: it had no time for the question. Probe it with a pause.",
        )
    if is_accepted(answer):
        return _judge_accepted(case, level, status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _judge_error(case, answer)
    if any(trace in answer.content for trace in _TRACES):
        summary = f"It refuses ({status}) and shows a stack trace."
        return Judged(Mark.WEAK, summary, Topic.LEAK, _LEAKED)
    if case.expects is Expect.ACCEPTED:
        return Judged(Mark.WEAK, f"It refuses an honest callback: {status}.")
    return Judged(Mark.SOUND, f"It refuses: {status}.")


def _judge_accepted(case: Case, level: Level, status: int) -> Judged:
    if case.expects is Expect.ACCEPTED:
        return Judged(Mark.SOUND, f"It accepts: {status}.")
    if case.expects is Expect.ENDED:
        return Judged(Mark.UNSOUND, f"It accepts ({status}) before the body has come.")
    if case.expects is Expect.EITHER or level is Level.INFO:
        return Judged(Mark.SOUND, f"It accepts ({status}), which is sound too.")
    mark = Mark.UNSOUND if level is Level.MUST else Mark.WEAK
    return Judged(mark, f"It accepts: {status}.")


def _judge_error(case: Case, answer: Answer) -> Judged:
    if case.may_lack and answer.status == HTTPStatus.NOT_IMPLEMENTED:
        return Judged(Mark.SOUND, "It refuses: 501.")
    shows_trace = any(trace in answer.content for trace in _TRACES)
    return Judged(
        Mark.WEAK,
        f"It answers {answer.status}: the verifier raised instead of saying no.",
        Topic.LEAK if shows_trace else Topic.PARSING,
        _RAISED,
    )


def _judge_failure(case: Case, answer: Answer) -> Judged:
    if answer.failure == "closed" and case.may_close:
        return Judged(Mark.SOUND, "It closes the connection.")
    if answer.failure in {"closed", "not_http"}:
        return Judged(Mark.WEAK, f"{answer.sentence} Something broke.", Topic.PARSING, _RAISED)
    if answer.failure == "timeout":
        if case.expects is Expect.ENDED:
            return Judged(Mark.WEAK, "It waits for the rest of the body as long as one likes.")
        return Judged(Mark.WEAK, answer.sentence, Topic.PARSING, _RAISED)
    return Judged(Mark.INCONCLUSIVE, answer.sentence)
