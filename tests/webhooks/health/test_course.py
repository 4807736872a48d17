from __future__ import annotations

import pytest

from cognitui.network.certificate import CertificateFault
from cognitui.network.stage import Cause
from cognitui.webhooks.endpoint_report import EndpointVerdict
from cognitui.webhooks.health.course import (
    SHOWN,
    Course,
    changes,
    has_changed,
    is_flapping,
    since_after,
)
from cognitui.webhooks.health.log import HealthLog
from tests.webhooks.health.support import check, newest_first, refused, run_of, well


@pytest.mark.parametrize(
    ("pattern", "number", "flaps"),
    [
        ("", 0, False),
        (".", 0, False),
        ("x", 0, False),
        ("...x", 1, False),
        (".x.", 2, False),
        (".x.x", 3, True),
        ("x.x.", 3, True),
        (".x.x......", 4, True),
        (".x.x........", 4, False),  # two of the changes are too long ago
        ("xxxxxxxxxx", 0, False),
    ],
)
def test_how_often_it_changed(pattern: str, number: int, flaps: bool) -> None:
    checks = newest_first(run_of(pattern))
    assert changes(checks) == number
    assert is_flapping(checks) is flaps


async def test_a_course_goes_on_as_the_log_has_it() -> None:
    course = None
    async with await HealthLog.at(None) as log:
        for one in run_of("..xx.x" * 4):
            await log.add(one)
            course = Course.after(course, one)
            assert await log.courses() == [course]
    assert course is not None
    assert len(course.marks) == SHOWN


def test_since_when_is_carried_on() -> None:
    first, second, third, fourth = run_of("xx.x")
    since = since_after(None, first)
    assert since == first.at
    assert since_after(since, second) == first.at
    assert since_after(since, third) is None
    assert since_after(None, fourth) == fourth.at


def test_what_is_news() -> None:
    good, bad = check(well()), check(refused())
    other = check(refused(cause=Cause.TIMEOUT))
    assert not has_changed(None, good)
    assert has_changed(None, bad)
    assert has_changed(good, bad)
    assert has_changed(bad, good)
    assert has_changed(bad, other)
    assert not has_changed(bad, bad)
    assert not has_changed(good, good)


def test_what_a_ping_found_is_over_only_when_a_ping_says_so() -> None:
    refuses = check(well(cause=Cause.SIGNATURE, is_pinged=True, verdict=EndpointVerdict.MISSING))
    assert refuses.is_unhealthy
    assert not has_changed(refuses, check(well()))
    assert has_changed(refuses, check(well(is_pinged=True, verdict=EndpointVerdict.ACCEPTING)))


def test_a_day_less_is_no_news() -> None:
    three, two = (check(well(tls_days_left=days)) for days in (3, 2))
    assert three.group_sentence != two.group_sentence
    assert not has_changed(three, two)
    expired = check(
        refused(
            cause=Cause.CERTIFICATE,
            faults=(CertificateFault.EXPIRED,),
            summary="The certificate of hooks.acme.example expired 1 day ago.",
        )
    )
    assert has_changed(two, expired)
