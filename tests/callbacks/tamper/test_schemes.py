"""For every scheme that signs there are enough cases, and whoever verifies it rightly is sound."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from cognitui.callbacks.replay import ReplayCache
from cognitui.callbacks.schemes.judging import judge
from cognitui.callbacks.schemes.ready import BASIC, COGNIGY, JAMBONZ, KEY, STANDARD, TRANSITIONAL
from cognitui.callbacks.schemes.scheme import (
    Algorithm,
    Encoding,
    Scheme,
    SignedHeaders,
    StaticHeader,
    Unit,
)
from cognitui.callbacks.tamper.case import Expect, Level
from cognitui.callbacks.tamper.cases import CASES, cases_for
from cognitui.callbacks.tamper.probe import probe
from cognitui.callbacks.tamper.workshop import Workshop
from cognitui.clock import SYSTEM_CLOCK, unix_ms
from cognitui.errors import UsageError

from .support import QUICK, Answer, Endpoint, U, Verifier, W, findings, serving

if TYPE_CHECKING:
    from cognitui.callbacks.tamper.case import Shot

WHSEC = "whsec_" + base64.b64encode(b"a key of two and thirty bytes ok").decode()
HUB = Scheme("hub", "GitHub's", (SignedHeaders("X-Hub-Signature-256", "sha256={signature}"),))
OLD = Scheme(
    "old",
    "an old one",
    (
        StaticHeader("X-Key", "{secret}"),
        SignedHeaders(
            "X-Sig",
            "{signature}",
            signs="{timestamp}{body}",
            encoding=Encoding.BASE64,
            algorithm=Algorithm.SHA1,
            timestamp_header="X-Time",
            unit=Unit.S,
        ),
    ),
)
SIGNED = [COGNIGY, STANDARD, TRANSITIONAL, JAMBONZ, HUB, OLD]


class Judging(Verifier):
    """Verifies with our own judge."""

    def __init__(self, scheme: Scheme) -> None:
        super().__init__()
        self._scheme, self._replay = scheme, ReplayCache()

    def __call__(self, body: bytes, headers: dict[bytes, bytes]) -> Answer:
        verdict = judge(
            self._scheme,
            body,
            list(headers.items()),
            secrets=[WHSEC],
            now_ms=unix_ms(SYSTEM_CLOCK.now()),
            replay=self._replay,
        )
        return Answer(200 if verdict.accepted else 401)


@pytest.mark.parametrize(
    "scheme", [COGNIGY, STANDARD, TRANSITIONAL, JAMBONZ, HUB], ids=lambda s: s.id
)
async def test_our_judge_is_sound(scheme: Scheme) -> None:
    with serving(Endpoint(Judging(scheme))) as url:
        card = await probe(url, scheme, WHSEC, limits=QUICK)
    assert findings(card) == {}
    assert card.scheme == scheme.id


async def test_an_endpoint_that_knows_only_the_older_half_is_sound_too() -> None:
    with serving(Endpoint(Judging(COGNIGY))) as url:
        card = await probe(url, TRANSITIONAL, WHSEC, limits=QUICK)
    assert findings(card) == {}


class SkipsTheClock(Judging):
    """Verifies the signature of Standard Webhooks, and nothing else."""

    def __call__(self, body: bytes, headers: dict[bytes, bytes]) -> Answer:
        verdict = judge(
            STANDARD, body, list(headers.items()), secrets=[WHSEC], now_ms=0, replay=None
        )
        return Answer(200 if verdict.signature == "valid" else 401)


async def test_where_the_time_is_signed_it_cannot_be_exchanged_even_without_a_clock() -> None:
    with serving(Endpoint(SkipsTheClock(STANDARD))) as url:
        card = await probe(url, STANDARD, WHSEC, limits=QUICK)
    assert findings(card) == {
        "stale": U,
        "future": W,
        "wrong-unit": W,
        "missing-timestamp": W,
        "timestamp-no-number": W,
        "replay": U,
    }


@pytest.mark.parametrize("scheme", SIGNED, ids=lambda scheme: scheme.id)
def test_there_are_at_least_thirty_cases_with_an_honest_one_at_both_ends(scheme: Scheme) -> None:
    cases = cases_for(scheme)
    assert len(cases) >= 30
    assert (cases[0].id, cases[-1].id) == ("honest", "still-honest")


@pytest.mark.parametrize("scheme", [BASIC, KEY], ids=lambda scheme: scheme.id)
def test_a_scheme_that_signs_nothing_cannot_be_tampered_with(scheme: Scheme) -> None:
    with pytest.raises(UsageError, match=f"The scheme {scheme.id} signs nothing") as caught:
        cases_for(scheme)
    assert caught.value.hint


def requests(scheme: Scheme, name: str) -> tuple[Shot, ...]:
    return tuple(CASES[name].build(Workshop(scheme, WHSEC, 1_700_000_000_123)))


@pytest.mark.parametrize("scheme", SIGNED, ids=lambda scheme: scheme.id)
def test_every_case_has_requests_and_words(scheme: Scheme) -> None:
    for case in cases_for(scheme):
        shots = case.build(Workshop(scheme, WHSEC, 1_700_000_000_123))
        assert shots, case.id
        for shot in shots:
            assert all(b"\r" not in value and b"\n" not in value for _, value in shot.headers)
            assert WHSEC not in repr(shot)
        assert case.title, case.id
        assert case.why.endswith("."), case.id
        assert not case.sent.endswith("."), case.id


# Of the old one our judge looks only at the first part, which is a key.
@pytest.mark.parametrize("scheme", SIGNED[:-1], ids=lambda scheme: scheme.id)
def test_a_case_that_has_to_be_refused_is_not_an_honest_callback(scheme: Scheme) -> None:
    """Our judge, which looks at every header, accepts none of them."""
    now_ms = unix_ms(SYSTEM_CLOCK.now())
    for case in cases_for(scheme):
        memory = ReplayCache()
        verdicts = [
            judge(scheme, s.body, s.headers, secrets=[WHSEC], now_ms=now_ms, replay=memory).accepted
            for s in case.build(Workshop(scheme, WHSEC, now_ms))
        ]
        if case.expects is Expect.ACCEPTED:
            assert verdicts == [True], case.id
        if case.expects is Expect.REFUSED and case.id not in {"huge-body", "put"}:
            assert verdicts[-1] is False, case.id
            assert all(verdicts[:-1]), case.id


def test_the_exact_headers_of_some_cases() -> None:
    (honest,) = requests(COGNIGY, "honest")
    names = ["Content-Type", "X-Cognigy-Timestamp", "X-Cognigy-Signature", "User-Agent"]
    assert [name for name, _ in honest.headers] == names
    assert dict(honest.headers)["X-Cognigy-Timestamp"] == b"1700000000123"
    assert dict(requests(COGNIGY, "wrong-unit")[0].headers)["X-Cognigy-Timestamp"] == b"1700000000"
    assert "X-Cognigy-Timestamp" not in dict(requests(COGNIGY, "missing-timestamp")[0].headers)
    value = dict(requests(JAMBONZ, "missing-timestamp")[0].headers)["Jambonz-Signature"]
    assert value.startswith(b"v1=")
    value = dict(requests(STANDARD, "wrong-prefix")[0].headers)["webhook-signature"]
    assert value.startswith(b"v0,")
    value = dict(requests(STANDARD, "no-prefix")[0].headers)["webhook-signature"]
    assert len(value) == 44
    doubled = [v for n, v in requests(COGNIGY, "duplicate-good-bad")[0].headers if "Sign" in n]
    assert len(set(doubled)) == 2
    first, second = requests(STANDARD, "replay")
    assert first == second
    first, second = requests(COGNIGY, "replay-new-timestamp")
    assert first.body == second.body
    assert first.headers != second.headers


def test_a_time_that_is_not_signed_can_be_exchanged_so_that_is_said_but_is_no_failure() -> None:
    case = CASES["timestamp-exchanged"]
    assert case.level_for(COGNIGY) is Level.SHOULD
    assert case.level_for(TRANSITIONAL) is Level.SHOULD
    assert case.level_for(STANDARD) is Level.MUST
    assert "compares it with the timestamp inside the signed body" in case.why


def test_a_workshop_does_not_show_the_secret() -> None:
    assert WHSEC not in repr(Workshop(STANDARD, WHSEC, 0))
