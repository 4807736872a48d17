"""What the receiver answers when it is told to, to try out how a sender retries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from cognitui.errors import UsageError, did_you_mean

MAX_STEPS = 100
MAX_PLAN = 4000
MAX_DELAY_MS = 120_000
MAX_BODY = 1000
MAX_RETRY_AFTER_S = 86_400
EXAMPLES = "For example 503,503,200 or delay=2000 or 503x3 retry-after=5,close."


class Ending(StrEnum):
    """How a request ends."""

    ANSWER = "answer"
    CLOSE = "close"
    """The connection is closed without an answer."""
    RESET = "reset"
    """The connection is reset without an answer, as by a program that crashed."""


@dataclass(frozen=True, slots=True)
class AnswerStep:
    """What one request is answered.

    Attributes:
        status: The HTTP status; ``None`` for the ordinary one: 200, or 401 to what is not accepted.
        delay_ms: How long the sender waits for it, in milliseconds.
        body: What the answer says; empty for nothing.
        retry_after_s: The seconds in its ``Retry-After``; ``None`` for no such header.
        ending: Whether there is an answer at all.
    """

    status: int | None = None
    delay_ms: int = 0
    body: str = ""
    retry_after_s: int | None = None
    ending: Ending = Ending.ANSWER

    @property
    def takes(self) -> bool:
        """Whether the sender is left with the impression that its callback was taken."""
        status = 200 if self.status is None else self.status
        return self.ending is Ending.ANSWER and 200 <= status < 300  # noqa: PLR2004

    @property
    def words(self) -> str:
        """The step as a plan spells it."""
        parts = [] if self.ending is Ending.ANSWER else [str(self.ending)]
        if self.status is not None:
            parts.append(str(self.status))
        if self.delay_ms:
            parts.append(f"delay={self.delay_ms}")
        if self.retry_after_s is not None:
            parts.append(f"retry-after={self.retry_after_s}")
        if self.body:
            parts.append(f'body="{self.body}"')
        return " ".join(parts) or "ok"


@dataclass(frozen=True, slots=True)
class AnswerPlan:
    """Answers to the next requests, in order; after the last one the ordinary ones go on."""

    steps: tuple[AnswerStep, ...] = ()

    @property
    def words(self) -> str:
        """The plan as `parse_plan` reads it."""
        return ",".join(step.words for step in self.steps)


_WORD = re.compile(r'\s*(?:(?P<comma>,)|(?P<word>[^\s,="]+(?:=(?:"[^"]*"|[^\s,"]*))?))')
_REPEATED = re.compile(r"(?P<status>[0-9]{3})(?:x(?P<times>[0-9]{1,3}))?")
_NUMBER = re.compile(r"[0-9]{1,6}")
_NAMES = ("delay", "retry-after", "body", "ok", "close", "reset")
_BODILESS = frozenset({204, 205, 304})


def parse_plan(text: str) -> AnswerPlan:
    """The plan that a person wrote: steps with commas between them, words with spaces.

    A step is a status (``503``, ``503x3`` for three of them), ``ok`` for the ordinary answer,
    ``close`` or ``reset``, and beside it ``delay=MS``, ``retry-after=SECONDS`` and ``body="…"``.

    Raises:
        UsageError: It is not a plan; the message says which word is at fault.
    """
    if len(text) > MAX_PLAN:
        raise _wrong(f"The plan is longer than {MAX_PLAN:,} characters.")
    steps: list[AnswerStep] = []
    for words in _split(text):
        step, times = _step(words)
        steps += [step] * times
        if len(steps) > MAX_STEPS:
            raise _wrong(f"The plan has more than {MAX_STEPS} steps.")
    return AnswerPlan(tuple(steps))


def _split(text: str) -> list[list[str]]:
    steps: list[list[str]] = [[]]
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _WORD.match(text, at)
        if match is None:
            raise _wrong(f"The plan cannot be read from {text[at : at + 20].strip()!r} on.")
        if match["comma"]:
            steps.append([])
        else:
            steps[-1].append(match["word"])
        at = match.end()
    if not all(steps):
        raise _wrong("A step of the plan is empty.")
    return steps


def _step(words: list[str]) -> tuple[AnswerStep, int]:
    status: int | None = None
    times = 1
    ending = Ending.ANSWER
    values: dict[str, str] = {}
    kinds = 0
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name in {"delay", "retry-after", "body"}:
            if name in values:
                raise _wrong(f"{name} stands twice in one step.")
            values[name] = value.strip('"')
        elif match := _REPEATED.fullmatch(word):
            kinds += 1
            status, times = int(match["status"]), int(match["times"] or 1)
        elif word in {"ok", Ending.CLOSE, Ending.RESET}:
            kinds += 1
            ending = Ending.ANSWER if word == "ok" else Ending(word)
        else:
            near = did_you_mean(name, _NAMES)
            raise UsageError(
                f"{word[:40]!r} is no part of a plan.", hint=near or EXAMPLES, field="answer"
            )
    if kinds > 1:
        raise _wrong("One step is one answer; put a comma between two of them.")
    step = AnswerStep(
        status,
        _number("delay", values.get("delay", "0"), MAX_DELAY_MS),
        values.get("body", ""),
        _number("retry-after", values["retry-after"], MAX_RETRY_AFTER_S)
        if "retry-after" in values
        else None,
        ending,
    )
    _check(step, times)
    return step, times


def _check(step: AnswerStep, times: int) -> None:
    if step.status is not None and not 200 <= step.status <= 599:  # noqa: PLR2004
        raise _wrong(f"{step.status} cannot end a request; a status is from 200 to 599.")
    if times < 1:
        raise _wrong("A step is repeated once or more often.")
    if len(step.body) > MAX_BODY:
        raise _wrong(f"A body has at most {MAX_BODY:,} characters.")
    if any("\ud800" <= character <= "\udfff" for character in step.body):
        raise _wrong("A body holds half of a character, which UTF-8 cannot carry.")
    if step.ending is not Ending.ANSWER and (step.body or step.retry_after_s is not None):
        raise _wrong(f"With {step.ending} there is no answer that could carry anything.")
    if step.body and step.status in _BODILESS:
        raise _wrong(f"A {step.status} has no body.")


def _number(name: str, text: str, most: int) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > most:
        raise _wrong(f"{name} is a whole number from 0 to {most:,}.")
    return int(text)


def _wrong(message: str) -> UsageError:
    return UsageError(message, hint=EXAMPLES, field="answer")
