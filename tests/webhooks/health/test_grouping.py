from __future__ import annotations

from dataclasses import replace

import pytest

from cognitui.network.outcome import Outcome
from cognitui.network.stage import Cause, Stage
from cognitui.webhooks.endpoint_report import EndpointReport, EndpointVerdict
from cognitui.webhooks.health.blame import WHOM_TO_TELL, Blame
from cognitui.webhooks.health.check import Check, check_of
from cognitui.webhooks.health.grouping import group, worst_first
from tests.webhooks.health.support import START, check, ref, refused, well

V = EndpointVerdict


def stopped(cause: Cause, summary: str, stage: str = "tcp") -> EndpointReport:
    verdict = V.BLOCKED if cause in (Cause.URL, Cause.ADDRESS) else V.UNREACHABLE
    return refused(
        verdict=verdict, cause=cause, summary=summary, stages=(Stage(stage, Outcome.FAIL, "", 1),)
    )


def answered(verdict: EndpointVerdict, **changes: object) -> EndpointReport:
    return well(verdict=verdict, summary=f"it is {verdict} (OPTIONS 1)", **changes)


def posted(outcome: Outcome, cause: Cause | None = None) -> EndpointReport:
    stages = (*well().stages, Stage("http POST", outcome, "1", 5))
    return well(stages=stages, cause=cause, is_pinged=True)


@pytest.mark.parametrize(
    ("report", "sentence", "blame"),
    [
        (refused(), "nothing accepts connections at hooks.acme.example:443: connection refused",
         Blame.ENDPOINT),
        (stopped(Cause.NO_HOST, "There is no host called hooks.acme.example.", "dns"),
         "there is no host called hooks.acme.example", Blame.NETWORK),
        (stopped(Cause.NO_ROUTE, "Nothing accepts connections."),
         "nothing accepts connections", Blame.NETWORK),
        (stopped(Cause.NO_NETWORK, "Nothing accepts connections."),
         "this machine has no route to where they are: its network may be down", Blame.MACHINE),
        (stopped(Cause.TIMEOUT, "No answer."), "no answer", Blame.NETWORK),
        (stopped(Cause.TIMEOUT, "No answer.", "http OPTIONS"), "no answer", Blame.ENDPOINT),
        (stopped(Cause.URL, "The URL cannot be used: there is no host.", "url"),
         "the URL cannot be used", Blame.TENANT),
        (stopped(Cause.ADDRESS, "It leads to 169.254.169.254.", "policy"),
         "it leads to 169.254.169.254", Blame.NETWORK),
        (stopped(Cause.CERTIFICATE, "The certificate of hooks.acme.example is self-signed.", "tls"),
         "certificate of hooks.acme.example is self-signed", Blame.CERTIFICATE),
        (stopped(Cause.TLS, "No secure connection.", "tls"), "no secure connection",
         Blame.ENDPOINT),
        (stopped(Cause.HTTP, "No answer.", "http OPTIONS"), "no answer", Blame.ENDPOINT),
        (answered(V.MISSING), "hooks.acme.example has no such route", Blame.TENANT),
        (answered(V.GONE), "hooks.acme.example says: gone for good", Blame.TENANT),
        (answered(V.REDIRECTS), "hooks.acme.example redirects, and callbacks do not follow",
         Blame.TENANT),
        (answered(V.SERVER_ERROR), "the program at hooks.acme.example fails", Blame.ENDPOINT),
        (answered(V.INCONCLUSIVE),
         "the host answers; only a ping can tell whether the route exists", Blame.NOBODY),
        (posted(Outcome.FAIL, Cause.SIGNATURE),
         "hooks.acme.example answers, but refuses our signature", Blame.TENANT),
        (posted(Outcome.WARN), "hooks.acme.example does not take the ping", Blame.NOBODY),
        (well(stages=(Stage("policy", Outcome.WARN, "", 0),)),
         "hooks.acme.example is in a private network, where a tenant elsewhere cannot call it",
         Blame.NOBODY),
        (answered(V.ACCEPTING), "well", Blame.NOBODY),
        (well(), "well", Blame.NOBODY),
    ],
    ids=str,
)  # fmt: skip
def test_a_cause_its_sentence_and_whose_it_is(
    report: EndpointReport, sentence: str, blame: Blame
) -> None:
    found = check(report)
    assert (found.group_sentence, found.blame) == (sentence, blame)
    assert found.whom_to_tell == WHOM_TO_TELL[blame]
    (only,) = group([found])
    assert only.title == f"1 webhook: {sentence}"


def of(webhook_id: str, report: EndpointReport, url: str = "https://a.example/x") -> Check:
    return check(report, webhook=ref(webhook_id), url=url)


def test_one_cause_is_one_group_and_the_worst_comes_first() -> None:
    checks = [
        of("wh_1", well()),
        of("wh_2", well(tls_days_left=20), "https://c.example/x"),
        of("wh_3", answered(V.INCONCLUSIVE)),
        of("wh_4", answered(V.SERVER_ERROR)),
        of("wh_5", answered(V.SERVER_ERROR)),
        of("wh_6", refused()),
        of("wh_7", well(tls_days_left=6)),
        of("wh_8", well(tls_days_left=5)),
        of("wh_9", well(tls_days_left=6)),
        of("wh_a", answered(V.SERVER_ERROR), "https://b.example/x"),
    ]
    groups = group(reversed(checks))
    assert [(one.outcome, one.sentence, [c.webhook_id for c in one.checks]) for one in groups] == [
        ("fail", "the program at a.example fails", ["wh_4", "wh_5"]),
        ("fail", check(refused()).group_sentence, ["wh_6"]),
        ("fail", "the program at b.example fails", ["wh_a"]),
        # Callbacks still arrive there.
        ("fail", "certificate of a.example expires in 5 days", ["wh_8", "wh_7", "wh_9"]),
        ("warn", check(answered(V.INCONCLUSIVE)).group_sentence, ["wh_3"]),
        ("warn", "certificate of c.example expires in 20 days", ["wh_2"]),
        ("ok", "well", ["wh_1"]),
    ]
    assert worst_first(checks)[0].webhook_id == "wh_6"
    assert group([]) == []


def test_what_is_switched_off_is_not_unhealthy() -> None:
    found = check_of(refused(), ref(), "https://a.example/x", START, is_enabled=False)
    assert (found.outcome, found.blame) == (Outcome.WARN, Blame.TENANT)
    assert found.verdict is V.UNREACHABLE
    assert found.summary.endswith("connection refused; and it is switched off at the tenant")


@pytest.mark.parametrize(
    ("is_pinged", "ms", "outcome"),
    [
        (True, 3000, Outcome.OK),
        (True, 3001, Outcome.FAIL),
        (False, 3001, Outcome.WARN),
    ],
)
def test_an_answer_that_comes_later_than_the_tenant_waits(
    is_pinged: bool, ms: float, outcome: Outcome
) -> None:
    stages = (*well().stages, Stage("http POST", Outcome.OK, "204", ms))
    report = replace(well(), stages=stages, is_pinged=is_pinged)
    found = check_of(report, ref(), "https://a.example/x", START, patience_ms=3000)
    assert found.outcome is outcome
    if outcome is not Outcome.OK:
        assert found.summary.endswith("it took 3.0 s, and the tenant waits for 3.0 s")
        assert found.blame is Blame.ENDPOINT


def test_of_two_remarks_the_one_that_weighs_more_is_made() -> None:
    stages = (*well().stages, Stage("http OPTIONS", Outcome.OK, "204", 4000))
    urgent = replace(well(), stages=stages, tls_days_left=3)
    found = check_of(urgent, ref(), "https://a.example/x", START, patience_ms=3000)
    assert "certificate" in found.group_key
    later = replace(urgent, tls_days_left=20)
    found = check_of(later, ref(), "https://a.example/x", START, patience_ms=3000)
    assert "slow" in found.group_key


def lost(host: str) -> Check:
    report = stopped(Cause.NO_HOST, f"There is no host called {host}.", "dns")
    return of(f"wh_{host}", report, f"https://{host}/x")


def test_where_no_name_was_found_at_all_this_machine_is_named_once() -> None:
    silent = stopped(Cause.TIMEOUT, "The DNS gave no answer for c.example.", "dns")
    checks = [lost("a.example"), lost("b.example"), of("wh_c", silent, "https://c.example/x")]
    by_address = of("wh_1", well(), "https://127.0.0.1/x")
    (machine, others) = group([*checks, by_address])
    assert machine.title == (
        "3 webhooks: none of their 3 hosts was found: this machine may have no network or no DNS"
    )
    assert (machine.blame, others.checks) == (Blame.MACHINE, (by_address,))
    assert "of this machine" in machine.worst.hint


def test_where_one_name_was_found_the_others_are_to_blame_for_themselves() -> None:
    checks = [lost("a.example"), lost("b.example"), of("wh_1", refused(), "https://c.example/x")]
    assert len(group(checks)) == 3
    assert len(group([lost("a.example")])) == 1
    assert group([lost("a.example")])[0].blame is Blame.NETWORK
