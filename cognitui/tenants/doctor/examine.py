"""The examination: each check in its turn, and what has to have gone well before it."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from cognitui.clock import SYSTEM_CLOCK, Clock
from cognitui.network.outcome import Outcome
from cognitui.network.stage import WayBlockedError
from cognitui.tenants.doctor.counts import judge_clock, judge_rate
from cognitui.tenants.doctor.inside import Inside
from cognitui.tenants.doctor.line import CheckName, Line
from cognitui.tenants.doctor.outside import Outside

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

    from cognitui.tenants.doctor.question import Question

N = CheckName
_NEEDS = {
    N.PROXY: N.URL,
    N.DNS: N.URL,
    N.TCP: N.DNS,
    N.TLS: N.TCP,
    N.API: N.TLS,
    N.KEY: N.API,
    N.READ: N.KEY,
    N.MANAGE: N.KEY,
    N.WRITE: N.KEY,
    N.RATE: N.API,
}


async def examine(
    question: Question, *, environ: Mapping[str, str] = os.environ, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[Line, None]:
    """Examine a tenant, and yield each check as it ends; one that made no sense is skipped.

    Nothing is changed at the tenant. Whatever answers, nothing is raised.

    Args:
        question: What is examined.
        environ: Where a proxy may be named.
        clock: Ours, which is compared with the tenant's.
    """
    examination = _Examination(question, environ, clock)
    try:
        passed: set[CheckName] = set()
        for name in CheckName:
            need = _NEEDS.get(name)
            if need is not None and need not in passed:
                yield Line(name, Outcome.SKIPPED, "not tried")
                continue
            started = time.perf_counter()
            line = await examination.check(name)
            if line.outcome is not Outcome.FAIL and not (name is N.KEY and not examination.is_in):
                passed.add(name)
            yield replace(line, ms=(time.perf_counter() - started) * 1000)
    finally:
        await examination.aclose()


class _Examination:
    """One examination: outside first, and inside once an API has answered."""

    def __init__(self, question: Question, environ: Mapping[str, str], clock: Clock) -> None:
        self._question, self._clock = question, clock
        self._outside = Outside(question.base_url, question.timeout_s, environ, clock)
        self._inside: Inside | None = None

    @property
    def is_in(self) -> bool:
        """Whether the tenant has let us in."""
        return self._inside is not None and self._inside.is_in

    async def check(self, name: CheckName) -> Line:
        """Make one check, whose needs are met."""
        try:
            return await self._work(name)()
        except WayBlockedError as stop:
            return self._outside.blocked(name, stop)

    async def aclose(self) -> None:
        """Close what is open."""
        await self._outside.aclose()
        if self._inside is not None:
            await self._inside.aclose()

    def _work(self, name: CheckName) -> Callable[[], Awaitable[Line]]:
        outside = self._outside
        if name is N.KEY:
            self._inside = Inside(self._question, outside.known, outside.base_url, self._clock)
        checks: dict[CheckName, Callable[[], Awaitable[Line]]] = {
            N.URL: outside.read,
            N.PROXY: outside.find_proxy,
            N.DNS: outside.resolve,
            N.TCP: outside.connect,
            N.TLS: outside.secure,
            N.API: outside.ask,
            N.CLOCK: self._compare_clocks,
            N.RATE: self._count,
        }
        if (inside := self._inside) is not None:
            checks |= {
                N.KEY: inside.ask,
                N.READ: inside.read,
                N.MANAGE: inside.manage,
                N.WRITE: inside.write,
            }
        return checks[name]

    async def _compare_clocks(self) -> Line:
        if self._outside.heard is None:
            return Line(N.CLOCK, Outcome.SKIPPED, "not tried")
        return judge_clock(self._outside.heard)

    async def _count(self) -> Line:
        inside = self._inside
        if inside is None:
            return judge_rate(self._outside.headers, None)
        return judge_rate(inside.headers or self._outside.headers, inside.limiter)
