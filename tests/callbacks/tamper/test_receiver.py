"""Each case, sent over a socket to our own receiver, gives exactly its own verdict there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cognitui.callbacks.receive import Receiver
from cognitui.callbacks.schemes.ready import COGNIGY
from cognitui.callbacks.tamper.cases import CASES, cases_for
from cognitui.callbacks.tamper.probe import probe
from cognitui.callbacks.tamper.wire import Limits, deliver, target_of
from cognitui.callbacks.tamper.workshop import Workshop
from cognitui.clock import SYSTEM_CLOCK, unix_ms

from .support import QUICK, READ_LIMIT_S, SECRET, findings

if TYPE_CHECKING:
    from collections.abc import Iterator

HONEST = ("valid", "fresh", "new", 200)
FORGED = ("invalid", "fresh", "unchecked", 401)
MALFORMED = ("malformed", "fresh", "unchecked", 401)
# A verdict, or the status of what is answered before anything is judged.
VERDICTS: dict[str, tuple[str, str, str, int] | int] = {
    "honest": HONEST,
    "unsigned": ("missing", "fresh", "unchecked", 401),
    "empty-signature": MALFORMED,
    "prefix-only": MALFORMED,
    "wrong-secret": FORGED,
    "empty-secret": FORGED,
    "unkeyed-hash": FORGED,
    "other-body": FORGED,
    "signature-byte": FORGED,
    "truncated-signature": MALFORMED,
    "long-signature": MALFORMED,
    "non-ascii-signature": MALFORMED,
    "wrong-prefix": MALFORMED,
    "no-prefix": MALFORMED,
    "other-algorithm": MALFORMED,
    "upper-case": HONEST,
    "spaced-signature": HONEST,
    "duplicate-good-bad": MALFORMED,
    "duplicate-bad-good": MALFORMED,
    "body-byte": FORGED,
    "body-reserialised": FORGED,
    "trailing-newline": FORGED,
    "byte-order-mark": FORGED,
    "honest-odd-bytes": HONEST,
    "gzip-signed-plain": FORGED,
    "gzip-signed-packed": HONEST,
    "not-utf8": HONEST,
    "empty-body": HONEST,
    "not-json": HONEST,
    "deep-json": FORGED,
    "huge-body": 413,
    "slow-body": 408,
    "stale": ("valid", "stale", "new", 401),
    "future": ("valid", "future", "new", 401),
    "wrong-unit": ("valid", "malformed", "new", 401),
    "missing-timestamp": ("valid", "missing", "new", 401),
    "timestamp-no-number": ("valid", "malformed", "new", 401),
    # Its body tells another time than its header, which is a verdict of its own.
    "timestamp-exchanged": ("valid", "fresh", "new", 401),
    "duplicate-timestamp": ("valid", "malformed", "new", 401),
    "replay": ("valid", "fresh", "seen", 401),
    "replay-new-timestamp": ("valid", "fresh", "seen", 401),
    "wrong-content-type": HONEST,
    "header-injection": HONEST,
    "query-changed": HONEST,
    "path-changed": HONEST,
    "put": 405,
    "get": 405,
    "still-honest": HONEST,
}
SHORT = Limits(answer_s=5.0, slow_s=2.0)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    receiver = Receiver([SECRET], read_limit_s=READ_LIMIT_S)
    receiver.start()
    yield receiver
    receiver.stop()


def test_the_table_has_every_case() -> None:
    assert list(VERDICTS) == [case.id for case in cases_for(COGNIGY)]


@pytest.mark.parametrize("name", VERDICTS)
async def test_a_case_gives_its_own_verdict(receiver: Receiver, name: str) -> None:
    expected = VERDICTS[name]
    target = target_of(f"{receiver.url}?a=1", context=None, is_kept_here=True)
    workshop = Workshop(COGNIGY, SECRET, unix_ms(SYSTEM_CLOCK.now()))
    shots = CASES[name].build(workshop)
    receiver.clear()
    answers = [await deliver(target, shot, SHORT) for shot in shots]
    assert {answer.status for answer in answers[:-1]} <= {200}
    if isinstance(expected, int):
        assert (answers[-1].status, receiver.received) == (expected, ())
        return
    received = receiver.received[-1]
    verdict = received.verdict
    found = (str(verdict.signature), str(verdict.freshness), str(verdict.replay), received.status)
    assert found == expected
    assert answers[-1].status == received.status
    assert received.body == shots[-1].body
    assert (verdict.timestamp_matches_body is False) is (
        name in {"timestamp-exchanged", "replay-new-timestamp"}
    )


async def test_the_receiver_is_sound() -> None:
    receiver = Receiver([SECRET], read_limit_s=READ_LIMIT_S)
    receiver.start()
    try:
        card = await probe(receiver.url, COGNIGY, SECRET, limits=QUICK)
        headers = [dict(received.headers) for received in receiver.received]
        paths = {received.path for received in receiver.received}
    finally:
        receiver.stop()
    assert findings(card) == {}
    assert paths == {"/callback", "/callback/cognitui"}
    (injected,) = (h for h in headers if "%0d%0a" in h["user-agent"])
    assert "x-cognitui-injected" not in injected
