from __future__ import annotations

import pytest

from cognitui.errors import UsageError
from cognitui.sandbox import Fault, parse_fault
from cognitui.sandbox.faults import SPECIAL_KINDS, STATUS_KINDS, FaultBoard


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("429", Fault("429")),
        ("429:every=3", Fault("429", every=3)),
        (" HANG : method=post ", Fault("hang", method="POST")),
        ("599", Fault("599")),
        ("slow:seconds=0.5,times=2,after=1", Fault("slow", seconds=0.5, times=2, after=1)),
        ("cut:bytes=7,path=bots/*/webhooks", Fault("cut", bytes=7, path="bots/*/webhooks")),
        (
            "redirect:to=http://x.example:81/a?b=c",
            Fault("redirect", to="http://x.example:81/a?b=c"),
        ),
    ],
)
def test_a_fault_is_read(spec: str, fault: Fault) -> None:
    assert parse_fault(spec) == fault
    assert parse_fault(fault.spec) == fault


def test_nothing_is_guessed_that_is_far_off() -> None:
    with pytest.raises(UsageError) as caught:
        parse_fault("nonsense")
    assert "Did you mean" not in caught.value.message


@pytest.mark.parametrize("kind", [*STATUS_KINDS, *SPECIAL_KINDS])
def test_every_kind_needs_no_more_than_its_name(kind: str) -> None:
    assert parse_fault(kind).spec == kind


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("hnag", "Did you mean hang?"),
        ("loop-pages", "Did you mean loop-page?"),
        ("", "no kind ''"),
        ("404", "allowed are 401, 403, 429, 500, 502, 503, 504, hang, slow, cut"),
        ("200", "any other 5xx"),
        ("429:evry=3", "Did you mean every?"),
        ("429:", "no key ''"),
        ("429:every", "every needs a value"),
        ("429:every=", "every needs a value"),
        ("429:every=0", "every must be a whole number between 1"),
        ("429:every=x", "not x"),
        ("429:times=1.5", "times must be a whole number"),
        ("429:after=-1", "after must be a whole number between 0"),
        ("429:every=2,every=3", "every twice"),
        ("slow:seconds=nan", "seconds must be a number"),
        ("slow:seconds=99999", "between 0 and 3600"),
        ("huge:bytes=9999999999999", "bytes must be a whole number"),
        ("cut:method=FETCH", "no method 'FETCH'"),
        ("redirect:to=ftp://x", "http or https URL"),
    ],
)
def test_a_fault_that_cannot_be_read_says_what_is_allowed(spec: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_fault(spec)
    assert words in caught.value.message
    assert caught.value.field == "fault"


def strikes(spec: str, count: int) -> list[bool]:
    board = FaultBoard((parse_fault(spec),))
    return [bool(board.due("GET", "bots", in_api=True)) for _ in range(count)]


def test_counting() -> None:
    assert strikes("500", 3) == [True] * 3
    assert strikes("500:every=3", 7) == [False, False, True, False, False, True, False]
    assert strikes("500:times=2", 4) == [True, True, False, False]
    assert strikes("500:after=2", 4) == [False, False, True, True]
    assert strikes("500:after=1,every=2,times=1", 6) == [False, False, True, False, False, False]


@pytest.mark.parametrize(
    ("spec", "method", "path", "in_api", "matches"),
    [
        ("500", "GET", "bots", True, True),
        ("500", "POST", "auth/token", True, False),
        ("500:path=*", "POST", "auth/token", True, True),
        ("500:path=auth/token", "POST", "auth/token", True, True),
        ("500:path=/bots/*", "GET", "bots/b/webhooks", True, True),
        ("500:path=bots/*/webhooks", "GET", "bots/b/skills", True, False),
        ("500:method=POST", "GET", "bots", True, False),
        ("500", "POST", "monitor", False, False),
        ("500:path=*", "POST", "monitor", False, False),
        ("500:path=monitor", "POST", "monitor", False, True),
        ("500:path=/endpoints/*", "POST", "endpoints/receiver", False, True),
        ("loop-page", "GET", "bots", True, True),
        ("loop-page", "GET", "bots/b/webhooks", True, True),
        ("loop-page", "GET", "bots/b/skills", True, True),
        ("loop-page", "GET", "bots/b", True, False),
        ("loop-page", "POST", "bots/b/webhooks", True, False),
    ],
)
def test_what_a_fault_concerns(
    spec: str, method: str, path: str, in_api: bool, matches: bool
) -> None:
    assert parse_fault(spec).matches(method, path, in_api=in_api) is matches
