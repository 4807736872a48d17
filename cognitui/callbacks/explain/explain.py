"""Explain a callback: the verdict, and where it is refused, what would have to be different.

This is for the person at this machine. Nothing of it may be told to whoever sent the request: it
says how near a forgery came. The signature that would be right is never part of it, nor a secret.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cognitui.callbacks.display import safe_text
from cognitui.callbacks.explain.budget import Budget, Limits
from cognitui.callbacks.explain.cause import Finding, proven
from cognitui.callbacks.explain.faults import clues, header_faults, unexplained
from cognitui.callbacks.explain.keys import NamedSecret, Role
from cognitui.callbacks.explain.moments import timestamp_faults
from cognitui.callbacks.explain.search import search
from cognitui.callbacks.explain.static import search_static
from cognitui.callbacks.schemes.judging import judge
from cognitui.callbacks.schemes.reading import grouped
from cognitui.callbacks.schemes.ready import READY
from cognitui.callbacks.schemes.scheme import StaticHeader, headers_of
from cognitui.callbacks.verdict import SignatureVerdict
from cognitui.callbacks.verify import DEFAULT_TOLERANCE_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from cognitui.callbacks.explain.paste import PastedRequest
    from cognitui.callbacks.schemes.scheme import Scheme, SignedHeaders
    from cognitui.callbacks.verdict import Verdict

_SHOWN_NAME = 60
_ELSEWHERE = frozenset({"scheme_other", "header_other"})
"""Where the signature is not in the scheme's headers, they say nothing about the time either."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was found out about a callback.

    Attributes:
        scheme: The id of the scheme that it was judged by.
        verdict: What a verifier says.
        findings: Why it is refused, the likeliest first; empty when it is accepted.
        warning: What the scheme does not protect against; empty when it protects all of it.
        tried: How many signatures were computed.
        is_complete: Whether everything was tried that is known; otherwise the bound on the work was
            met, or somebody ended it.
        notes: What was changed while the request was read.
    """

    scheme: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    warning: str
    tried: int
    is_complete: bool
    notes: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether an endpoint may act on the callback."""
        return self.verdict.accepted

    @property
    def sentence(self) -> str:
        """The most important of it in one line."""
        if self.findings:
            return self.findings[0].sentence
        return f"It verifies: {self.verdict.reason}."

    def as_dict(self) -> dict[str, Any]:
        """The explanation as commands print it with ``--json``."""
        return {
            "accepted": self.accepted,
            "scheme": self.scheme,
            "signature": str(self.verdict.signature),
            "freshness": str(self.verdict.freshness),
            "replay": str(self.verdict.replay),
            "reason": self.verdict.reason,
            "hints": list(self.verdict.hints),
            "findings": [
                {
                    "code": finding.code,
                    "also": list(finding.also),
                    "sentence": finding.sentence,
                    "meaning": finding.meaning,
                    "remedy": finding.remedy,
                    "proven": finding.is_proven,
                }
                for finding in self.findings
            ],
            "warning": self.warning or None,
            "tried": self.tried,
            "complete": self.is_complete,
            "notes": list(self.notes),
        }


def explain(
    request: PastedRequest,
    scheme: Scheme,
    secrets: Sequence[NamedSecret],
    *,
    now_ms: int,
    tolerance_ms: int = DEFAULT_TOLERANCE_MS,
    schemes: Mapping[str, Scheme] = READY,
    seen: Verdict | None = None,
    limits: Limits | None = None,
    stop: Callable[[], bool] | None = None,
) -> Explanation:
    """Judge a request and, where it is refused, look for the reason. Never raises for its content.

    It takes up to a second or two of computing: a console calls `explain_aside`.

    Args:
        request: What arrived.
        scheme: How it has to be signed.
        secrets: The webhook's secret in the role ``CURRENT``; those that may have been mixed up
            with it, or were before it, in the others.
        now_ms: When it arrived, in ms since 1970.
        tolerance_ms: How far the timestamp may lie from then, to either side.
        schemes: Those that the sender may follow instead.
        seen: What the receiver found, which knows about replays; ``None`` leaves them unchecked.
        limits: The bounds of the search.
        stop: Asked all the time; the search ends when it says true.
    """
    budget = Budget(limits or Limits(), stop)
    right = [named.secret for named in secrets if named.role is Role.CURRENT]
    found = grouped(request.headers)
    verdict = judge(
        scheme, request.body, request.headers, secrets=right, now_ms=now_ms,
        tolerance_ms=tolerance_ms,
    )  # fmt: skip
    if seen is not None and verdict.signature is SignatureVerdict.VALID:
        verdict = replace(
            verdict, replay=seen.replay, seen_count=seen.seen_count,
            first_seen_ms=seen.first_seen_ms,
        )  # fmt: skip
    part = _judged_part(scheme, found)
    findings: list[Finding] = []
    if verdict.signature is not SignatureVerdict.VALID:
        asked = _Question(request, scheme, part, found, secrets, schemes, now_ms)
        findings += _signature_findings(asked, budget)
    if not (findings and findings[0].code in _ELSEWHERE):
        findings += timestamp_faults(part, verdict, request.body, found)
    return Explanation(
        scheme=scheme.id,
        verdict=verdict,
        findings=tuple(findings),
        warning=scheme.warning,
        tried=budget.tries,
        is_complete=not budget.was_hit,
        notes=request.notes,
    )


async def explain_aside(
    request: PastedRequest,
    scheme: Scheme,
    secrets: Sequence[NamedSecret],
    *,
    now_ms: int,
    tolerance_ms: int = DEFAULT_TOLERANCE_MS,
    schemes: Mapping[str, Scheme] = READY,
    seen: Verdict | None = None,
    limits: Limits | None = None,
) -> Explanation:
    """`explain` in a thread of its own, which ends when this is cancelled."""
    ended = threading.Event()
    try:
        return await asyncio.to_thread(
            explain, request, scheme, secrets, now_ms=now_ms, tolerance_ms=tolerance_ms,
            schemes=schemes, seen=seen, limits=limits, stop=ended.is_set,
        )  # fmt: skip
    finally:
        ended.set()


# How a signature that is not valid is explained


@dataclass(frozen=True, slots=True)
class _Question:
    request: PastedRequest
    scheme: Scheme
    part: SignedHeaders | StaticHeader
    found: dict[str, list[bytes]]
    secrets: Sequence[NamedSecret]
    schemes: Mapping[str, Scheme]
    now_ms: int


def _signature_findings(asked: _Question, budget: Budget) -> list[Finding]:
    if not any(named.secret for named in asked.secrets):
        return [_NO_SECRET, *header_faults(asked.part, asked.found)]
    # What another scheme's headers say matters most where this scheme's are not there at all.
    is_signed = any(asked.found.get(asked.part.header.lower(), []))
    other = next(_other_schemes(asked, is_signed=is_signed), None)
    if other is not None and not is_signed:
        return [other]
    if isinstance(asked.part, StaticHeader):
        causes = search_static(asked.part, asked.found, asked.secrets, budget)
    else:
        causes = search(
            asked.part, asked.request, asked.found, secrets=asked.secrets, budget=budget
        )
    if causes:
        return [proven(causes)]
    if other is not None:
        return [other]
    faults = list(header_faults(asked.part, asked.found))
    if faults:
        return faults
    complete = not budget.was_hit
    return [
        *clues(asked.request.body, asked.found),
        unexplained(budget.tries, is_complete=complete),
    ]


def _judged_part(scheme: Scheme, found: Mapping[str, list[bytes]]) -> SignedHeaders | StaticHeader:
    """The part of the scheme that `judge` looks at."""
    parts = scheme.parts
    here = (part for part in parts if any(name.lower() in found for name in headers_of(part)))
    return next(here, parts[0])


def _other_schemes(asked: _Question, *, is_signed: bool) -> Iterator[Finding]:
    """The scheme by which it verifies as it stands, with any of the secrets.

    A header that says the secret is no reason for another that is signed, and wrong.
    """
    for scheme in asked.schemes.values():
        if scheme.id == asked.scheme.id:
            continue
        for part in scheme.parts:
            if part == asked.part or part.header.lower() not in asked.found:
                continue
            if is_signed and isinstance(part, StaticHeader):
                continue
            alone = replace(scheme, parts=(part,))
            for named in asked.secrets:
                verdict = judge(
                    alone, asked.request.body, asked.request.headers, secrets=[named.secret],
                    now_ms=asked.now_ms,
                )  # fmt: skip
                if verdict.signature is SignatureVerdict.VALID:
                    yield _scheme_finding(scheme, part, named)


def _scheme_finding(
    scheme: Scheme, part: SignedHeaders | StaticHeader, named: NamedSecret
) -> Finding:
    whose = (
        ""
        if named.role is Role.CURRENT
        else f" and the secret {safe_text(named.name, _SHOWN_NAME)}"
    )
    return Finding(
        "scheme_other",
        f"It verifies by the scheme {scheme.id}{whose}, in its header {part.header}.",
        "The sender follows that scheme; here another one is expected.",
        f"Choose the scheme {scheme.id} for this webhook, or change the sender's.",
        is_proven=True,
    )


_NO_SECRET = Finding(
    "no_secret",
    "There is no secret to verify with.",
    "Nothing can be found out about a signature without a secret.",
    "Give the secret that the webhook was registered with.",
)
