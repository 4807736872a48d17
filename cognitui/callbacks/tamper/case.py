"""What an attack is: what is sent, the answer that a sound endpoint gives, and why it matters."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.tamper.workshop import Workshop


class Level(StrEnum):
    """How bad it is when an endpoint gives another answer than expected."""

    MUST = "must"
    """A forged, stale or replayed callback gets in, or an honest one does not."""
    SHOULD = "should"
    """Nobody gets in by this alone, but it weakens the endpoint."""
    INFO = "info"
    """Either answer is sound, as long as there is one."""


class Expect(StrEnum):
    """The answer that a sound endpoint gives."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    EITHER = "either"
    ENDED = "ended"
    """It refuses or closes the connection before the rest of the request has come."""


class Topic(StrEnum):
    """What has to be mended when a case goes wrong; several cases share one."""

    SETUP = "setup"
    SIGNATURE = "signature"
    COMPARE = "compare"
    RAW_BODY = "raw-body"
    DECOMPRESSION = "decompression"
    FRESHNESS = "freshness"
    UNSIGNED_TIME = "unsigned-time"
    REPLAY = "replay"
    PARSING = "parsing"
    LIMITS = "limits"
    HEADERS = "headers"
    METHODS = "methods"
    LEAK = "leak"


@dataclass(frozen=True, slots=True)
class Shot:
    """One request, exactly as it goes over the wire but for Host, Content-Length and Connection.

    Attributes:
        headers: In order, repeated ones repeated.
        right_signatures: How this request would have to be signed, where it is not: an answer that
            holds one of them signs for strangers.
        query: Added to the query of the endpoint's URL.
        path: Added to its path.
        is_trickled: The body comes a byte at a time and never to its end.
    """

    headers: tuple[tuple[str, bytes], ...] = field(repr=False)
    body: bytes = field(repr=False)
    right_signatures: tuple[bytes, ...] = field(default=(), repr=False)
    method: str = "POST"
    query: str = ""
    path: str = ""
    is_trickled: bool = False


def always(_scheme: Scheme) -> bool:
    """The case is one for every scheme that signs."""
    return True


@dataclass(frozen=True, slots=True)
class Case:
    """One attack, or an honest callback to compare with.

    Attributes:
        id: Its name in reports, for good.
        title: What it is, in a few words.
        sent: What is sent, exactly.
        why: Why the answer matters.
        build: Makes the requests; all but the last have to be accepted for the last to mean
            anything.
        unsigned_time_level: The level where the scheme does not sign its timestamp.
        applies: Whether it can be made for a scheme.
        may_close: Whether closing the connection is an answer too.
        may_lack: Whether a 501 is an answer too.
    """

    id: str
    title: str
    sent: str
    why: str
    topic: Topic
    level: Level
    expects: Expect
    build: Callable[[Workshop], Sequence[Shot]] = field(repr=False)
    unsigned_time_level: Level | None = None
    applies: Callable[[Scheme], bool] = field(default=always, repr=False)
    may_close: bool = False
    may_lack: bool = False

    def level_for(self, scheme: Scheme) -> Level:
        """How bad a wrong answer is where this scheme is used."""
        if self.unsigned_time_level is not None and not scheme.covers_timestamp:
            return self.unsigned_time_level
        return self.level

    @property
    def expected(self) -> str:
        """The answers of a sound endpoint, in words."""
        if self.may_lack and self.expects is Expect.REFUSED:
            return "405, or any other no"
        if self.may_close and self.expects is Expect.REFUSED:
            return "413, or the connection closed"
        return _EXPECTED[self.expects]


_EXPECTED = {
    Expect.ACCEPTED: "2xx",
    Expect.REFUSED: "401, 403 or 400",
    Expect.EITHER: "2xx or 4xx",
    Expect.ENDED: "408, or the connection closed",
}
