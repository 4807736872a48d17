"""An endpoint with one bug at a time: the probe finds that bug and no other."""

from __future__ import annotations

import hmac
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.callbacks.schemes.ready import COGNIGY
from cognitui.callbacks.tamper.case import Expect
from cognitui.callbacks.tamper.cases import cases_for
from cognitui.callbacks.tamper.probe import probe
from cognitui.callbacks.tamper.wire import Limits

from .support import (
    NO_FRESHNESS,
    QUICK,
    RESERIALISES,
    SECRET,
    TOLERANCE_MS,
    Answer,
    Endpoint,
    U,
    Verifier,
    W,
    findings,
    is_fresh,
    own_time,
    right_signature,
    serving,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognitui.callbacks.tamper.card import Mark


class UnsignedIsFine(Verifier):
    def is_signed(self, signature: bytes | None, body: bytes) -> bool:
        return signature is None or self.matches(signature, body)


class EmptyIsFine(Verifier):
    def is_signed(self, signature: bytes | None, body: bytes) -> bool:
        return signature is not None and (not signature or self.matches(signature, body))


class FormIsEnough(Verifier):
    def matches(self, signature: bytes, body: bytes) -> bool:
        return signature.startswith(b"sha256=") and len(signature) == 71


class ComparesTheBegin(Verifier):
    def matches(self, signature: bytes, body: bytes) -> bool:
        return right_signature(body).startswith(signature)


class ComparesSoMuch(Verifier):
    def matches(self, signature: bytes, body: bytes) -> bool:
        return signature.startswith(right_signature(body))


class TakesEmptySecret(Verifier):
    def matches(self, signature: bytes, body: bytes) -> bool:
        return signature in {right_signature(body), right_signature(body, "")}


class ReadsDigitsOnly(Verifier):
    def matches(self, signature: bytes, body: bytes) -> bool:
        return signature.rpartition(b"=")[2] == right_signature(body).rpartition(b"=")[2]


class ComparesText(Verifier):
    def matches(self, signature: bytes, body: bytes) -> bool:
        return hmac.compare_digest(right_signature(body).decode(), signature.decode("latin-1"))


class Reserialises(Verifier):
    def signed(self, body: bytes) -> bytes:
        try:
            decoded = json.loads(body)
        except (ValueError, RecursionError):
            return body
        return json.dumps(decoded, separators=(",", ":"), ensure_ascii=False).encode()


class Trims(Verifier):
    def signed(self, body: bytes) -> bytes:
        return body.strip()


class DropsTheMark(Verifier):
    def signed(self, body: bytes) -> bytes:
        return body.removeprefix(b"\xef\xbb\xbf")


class ParsesFirst(Verifier):
    def signed(self, body: bytes) -> bytes:
        json.loads(body or b"{}")
        return body


class HasNoClock(Verifier):
    def is_timed(self, stamp: bytes | None, body: bytes) -> bool:
        return True


class LooksBackOnly(Verifier):
    def is_timed(self, stamp: bytes | None, body: bytes) -> bool:
        if stamp is None or len(stamp) != 13 or not stamp.isdigit():
            return False
        return int(stamp) > time.time() * 1000 - TOLERANCE_MS and own_time(body) in {
            None,
            int(stamp),
        }


class TakesNoNumber(Verifier):
    def is_timed(self, stamp: bytes | None, body: bytes) -> bool:
        return super().is_timed(stamp, body) or (stamp is not None and not stamp.isdigit())


class TakesNoTime(Verifier):
    def is_timed(self, stamp: bytes | None, body: bytes) -> bool:
        return stamp is None or super().is_timed(stamp, body)


class GuessesTheUnit(Verifier):
    def is_timed(self, stamp: bytes | None, body: bytes) -> bool:
        seconds = stamp is not None and len(stamp) == 10 and is_fresh(stamp + b"000")
        return seconds or super().is_timed(stamp, body)


class TrustsTheHeader(Verifier):
    def is_timed(self, stamp: bytes | None, body: bytes) -> bool:
        return stamp is not None and is_fresh(stamp)


class Forgets(Verifier):
    def is_replay(self, key: bytes) -> bool:
        return False


class RemembersTheTime(Verifier):
    """Its memory goes by signature and timestamp, and it does not look into the body."""

    def __call__(self, body: bytes, headers: dict[bytes, bytes]) -> Answer:
        self._stamp = headers.get(b"x-cognigy-timestamp", b"")
        return super().__call__(body, headers)

    def is_timed(self, stamp: bytes | None, body: bytes) -> bool:
        return stamp is not None and is_fresh(stamp)

    def is_replay(self, key: bytes) -> bool:
        return super().is_replay(key + self._stamp)


class TellsTheSignature(Verifier):
    def refuse(self, body: bytes, headers: dict[bytes, bytes]) -> Answer:
        return Answer(401, b"expected " + right_signature(body))


class TellsTheSecret(Verifier):
    def refuse(self, body: bytes, headers: dict[bytes, bytes]) -> Answer:
        return Answer(401, f"not signed with {SECRET}".encode())


class TellsTheTrace(Verifier):
    def refuse(self, body: bytes, headers: dict[bytes, bytes]) -> Answer:
        return Answer(401, b"Traceback (most recent call last):\n  File ...")


class CopiesTheId(Verifier):
    def accept(self, body: bytes, headers: dict[bytes, bytes]) -> Answer:
        value = headers.get(b"x-delivery-id", b"").replace(b"%0d%0a", b"\n").replace(b"%20", b" ")
        lines = [line.partition(b":") for line in value.split(b"\n")[1:]]
        return Answer(200, b"", [(name, rest.strip()) for name, _, rest in lines])


class Counts(Verifier):
    """It lets in so many, and then no more."""

    left = 10

    def accept(self, body: bytes, headers: dict[bytes, bytes]) -> Answer:
        self.left -= 1
        return Answer(200 if self.left > 0 else 500)


REFUSALS = {
    case.id
    for case in cases_for(COGNIGY)
    if case.expects is Expect.REFUSED and case.id not in {"huge-body", "put", "replay"}
}
ALSO_REFUSED = {"upper-case", "duplicate-bad-good"}
WITH_RIGHT_SIGNATURE = {
    "stale", "future", "wrong-unit", "missing-timestamp", "timestamp-no-number",
    "timestamp-exchanged", "replay-new-timestamp", "no-prefix", "wrong-prefix", "long-signature",
}  # fmt: skip
ONE_AT_A_TIME: list[tuple[Callable[[], Verifier], dict[str, Any], dict[str, Mark]]] = [
    (Verifier, {}, {}),
    (UnsignedIsFine, {}, {"unsigned": U}),
    (EmptyIsFine, {}, {"empty-signature": U}),
    (FormIsEnough, {}, dict.fromkeys([
        "wrong-secret", "empty-secret", "unkeyed-hash", "other-body", "signature-byte",
        "non-ascii-signature", "body-byte", "body-reserialised", "trailing-newline",
        "byte-order-mark", "deep-json",
    ], U) | {"gzip-signed-plain": W}),
    (ComparesTheBegin, {}, dict.fromkeys(["empty-signature", "prefix-only", "truncated-signature"], U)),
    (ComparesSoMuch, {}, {"long-signature": U}),
    (TakesEmptySecret, {}, {"empty-secret": U}),
    (ReadsDigitsOnly, {}, {"wrong-prefix": W, "no-prefix": W}),
    (ComparesText, {}, {"non-ascii-signature": W}),
    (Reserialises, {}, RESERIALISES),
    (Trims, {}, {"trailing-newline": U, "honest-odd-bytes": W}),
    (DropsTheMark, {}, {"byte-order-mark": U}),
    (ParsesFirst, {}, dict.fromkeys([
        "deep-json", "gzip-signed-plain", "gzip-signed-packed", "not-json", "not-utf8",
    ], W)),
    (HasNoClock, {}, NO_FRESHNESS),
    (LooksBackOnly, {}, {"future": W}),
    (TakesNoNumber, {}, {"timestamp-no-number": U}),
    (TakesNoTime, {}, {"missing-timestamp": U}),
    (GuessesTheUnit, {}, {"wrong-unit": W}),
    (TrustsTheHeader, {}, {"timestamp-exchanged": W}),
    (Forgets, {}, {"replay": U}),
    (RemembersTheTime, {}, {"timestamp-exchanged": W, "replay-new-timestamp": U}),
    (TellsTheSignature, {}, dict.fromkeys(REFUSALS - WITH_RIGHT_SIGNATURE, U)),
    (TellsTheSecret, {}, dict.fromkeys(REFUSALS | ALSO_REFUSED, U)),
    (TellsTheTrace, {}, dict.fromkeys(REFUSALS | ALSO_REFUSED, W)),
    (CopiesTheId, {}, {"header-injection": U}),
    (Verifier, {"max_body": 8 * 1024 * 1024}, {"huge-body": W}),
    (Verifier, {"read_limit_s": 60.0}, {"slow-body": W}),
    (Verifier, {"methods": ("POST", "PUT")}, {"put": W}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("verifier", "endpoint", "expected"),
    ONE_AT_A_TIME,
    ids=[f"{v.__name__}-{'-'.join(e)}".strip("-") for v, e, _ in ONE_AT_A_TIME],
)
async def test_one_bug_is_found_and_no_other(
    verifier: Callable[[], Verifier], endpoint: dict[str, Any], expected: dict[str, Mark]
) -> None:
    limits = Limits(answer_s=5.0, slow_s=0.8) if "read_limit_s" in endpoint else QUICK
    with serving(Endpoint(verifier(), **endpoint)) as url:
        card = await probe(url, COGNIGY, SECRET, limits=limits)
    assert findings(card) == expected
    assert card.control == ""
    assert card.has_failed is (U in expected.values())


async def test_an_endpoint_that_takes_nothing_any_more_is_not_sound() -> None:
    with serving(Endpoint(Counts())) as url:
        card = await probe(url, COGNIGY, SECRET, limits=QUICK)
    assert findings(card)["still-honest"] is U
    assert card.results[-1].summary == "It does not accept an honest callback. It answers 500."
    assert card.has_failed


async def test_a_replay_that_is_acknowledged_is_no_bug_where_that_is_said() -> None:
    with serving(Endpoint(Forgets())) as url:
        card = await probe(url, COGNIGY, SECRET, limits=QUICK, acknowledges_replays=True)
    assert findings(card) == {}
    (replay,) = (result for result in card.results if result.case_id == "replay")
    assert (replay.level, replay.statuses) == ("info", (200, 200))
