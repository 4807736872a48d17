"""Checks as words: a report, a comparison, lines, JSON, JUnit XML, Prometheus metrics."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cognitui.network.outcome import Outcome
from cognitui.network.stage import Cause, Stage
from cognitui.tui.health_text import check_words
from cognitui.webhooks.endpoint_report import EndpointReport, EndpointVerdict
from cognitui.webhooks.health.comparison import Difference, compare
from cognitui.webhooks.health.grouping import group
from cognitui.webhooks.health.junit import junit
from cognitui.webhooks.health.lines import change_line, group_lines, namer, summary_line
from cognitui.webhooks.health.prometheus import exposition
from cognitui.webhooks.health.report import report_text
from cognitui.webhooks.health.stored import as_dict, from_dict
from tests.webhooks.health.support import START, check, ref, refused, well

if TYPE_CHECKING:
    from cognitui.webhooks.health.check import WebhookRef

ODD = 'wh "1"\\\n<&>\x00\ufffe'


def test_a_report_says_what_when_whose_and_what_is_different() -> None:
    good, bad = check(well()), check(refused(), 90)
    text = report_text(bad, good, unhealthy_since=START + timedelta(minutes=60))
    assert text.splitlines()[:9] == [
        "Webhook wh_1 of bot bot_1, tenant acme",
        "calls https://hooks.acme.example/cognigy",
        "",
        "Found:    unreachable, 2026-11-02 09:30:00 UTC",
        "Meaning:  Nothing accepts connections at hooks.acme.example:443: connection refused.",
        "Since:    2026-11-02 09:00:00 UTC, when a check first found it so",
        "Last good check: 2026-11-02 08:00:00 UTC, present",
        "To do:    Is the program running, and does a firewall stand in between?",
        "Whose:    endpoint. Tell whoever runs the program behind the endpoint.",
    ]
    assert "  ✗ tcp              4 ms  connection refused" in text
    assert "  verdict: present → unreachable" in text


def test_a_report_of_what_was_never_well_and_of_what_is() -> None:
    assert "No check has found it well so far." in report_text(check(refused()))
    text = report_text(check(well()))
    assert "To do" not in text
    assert "Whose" not in text
    assert "  OPTIONS server: uvicorn" in text
    assert "different" not in text


def test_what_is_different() -> None:
    good = check(well())
    bad = check(refused())
    assert compare(bad, None) == ()
    assert compare(good, good) == ()
    assert compare(bad, good) == (
        Difference("verdict", "present", "unreachable"),
        Difference("certificate days left", "63", "not sent"),
        Difference("stage tcp", "✓ (12 ms)", "✗ connection refused (4 ms)"),
        Difference("stage tls", "✓ TLSv1.3, expires in 63 days (20 ms)", "not reached"),
        Difference("stage http OPTIONS", "✓ 405, Allow: POST (41 ms)", "not reached"),
        Difference("OPTIONS", "405", "not sent"),
        Difference("OPTIONS allow", "POST", "not sent"),
        Difference("OPTIONS server", "uvicorn", "not sent"),
    )


@pytest.mark.parametrize(
    ("was", "now", "is_told"),
    [(10, 100, False), (10, 120, True), (200, 500, False), (200, 700, True), (700, 200, False)],
)
def test_a_stage_that_is_much_slower_is_different(was: float, now: float, is_told: bool) -> None:
    def with_ms(ms: float) -> Stage:
        return Stage("http OPTIONS", Outcome.OK, "405", ms)

    before = check(well(stages=(with_ms(was),)))
    after = check(well(stages=(with_ms(now),)))
    assert bool(compare(after, before)) is is_told


def test_what_varies_by_itself_is_not_different() -> None:
    before = check(well(evidence=(("OPTIONS date", "Monday"),)))
    assert compare(check(well(evidence=(("OPTIONS date", "Tuesday"),))), before) == ()


def test_a_group_as_lines() -> None:
    checks = [check(refused(), webhook=ref(f"wh_{n}")) for n in range(12)]
    since = {checks[0].ref: START - timedelta(hours=3)}
    (found,) = group(checks)
    lines = list(group_lines(found, since, START))
    assert lines[0] == f"✗ 12 webhooks: {found.sentence}"
    assert lines[1] == (
        "    wh_0   unreachable     7 ms  since 3 h  https://hooks.acme.example/cognigy"
    )
    assert "since" not in lines[2]
    assert lines[-2:] == [
        "    and 2 more",
        f"    → {checks[0].hint} Tell whoever runs the program behind the endpoint.",
    ]
    assert len(list(group_lines(found, since, START, lists_all=True))) == 14


def test_webhooks_of_several_bots_and_tenants_are_told_apart() -> None:
    one, other = ref("wh_1", "bot_1", "acme"), ref("wh_1", "bot_2", "acme")
    abroad = ref("wh_1", "bot_1", "acme-prod")

    def names(*refs: WebhookRef) -> list[str]:
        checks = [check(refused(), webhook=each) for each in refs]
        lines = [
            line
            for found in group(checks)
            for line in group_lines(found, {}, START, name=namer(checks))
        ]
        return [line.partition("  unreach")[0].strip() for line in lines if "unreach" in line]

    assert names(one) == ["wh_1"]
    assert sorted(names(one, other)) == ["wh_1 of bot_1", "wh_1 of bot_2"]
    assert sorted(names(one, abroad)) == ["wh_1 of bot_1 at acme", "wh_1 of bot_1 at acme-prod"]


def test_what_is_well_is_counted_unless_it_was_asked_for() -> None:
    (found,) = group([check(well())])
    assert list(group_lines(found, {}, START)) == ["✓ 1 webhook: well"]
    assert list(group_lines(found, {}, START, lists_all=True)) == [
        "✓ 1 webhook: well",
        "    wh_1  present        76 ms  TLS 63 days  https://hooks.acme.example/cognigy",
    ]


def test_a_change_as_a_line() -> None:
    good, bad = check(well()), check(refused(), 5)
    assert change_line(good, bad, None) == (
        "✗ wh_1 of bot_1 is unreachable (was present): Nothing accepts connections at "
        "hooks.acme.example:443: connection refused. Is the program running, and does a firewall "
        "stand in between?"
    )
    assert change_line(None, bad, None).startswith("✗ wh_1 of bot_1 is unreachable: Nothing")
    again = replace(good, at=START + timedelta(minutes=17))
    line = change_line(bad, again, bad.at)
    assert line == "✓ wh_1 of bot_1 is well again after 12 min: it takes POST (OPTIONS 405)"
    soon = replace(good, at=bad.at + timedelta(seconds=20))
    assert "well again after 20 s:" in change_line(bad, soon, bad.at)
    set_back = replace(good, at=bad.at - timedelta(hours=2))
    assert "well again after 0 s:" in change_line(bad, set_back, bad.at)


@pytest.mark.parametrize(
    ("report", "more", "word"),
    [
        (well(tls_days_left=5), {}, "expiring"),
        (well(), {"patience_ms": 30}, "slow"),
        (well(), {"is_enabled": False}, "off"),
        (well(cause=Cause.SIGNATURE), {}, "refuses"),
        (well(stages=(Stage("http POST", Outcome.WARN, "400", 3),)), {}, "declines"),
        (well(), {}, "present"),
        (refused(), {"is_enabled": False}, "unreachable"),
    ],
    ids=str,
)
def test_what_is_there_and_nevertheless_not_well_is_not_called_present(
    report: EndpointReport, more: dict[str, Any], word: str
) -> None:
    made = check(report, **more)
    (found,) = group([made])
    assert list(group_lines(found, {}, START, lists_all=True))[1].startswith(f"    wh_1  {word} ")
    assert f"Found:    {word}, " in report_text(made)
    assert f"wh_1 is {word}: " in check_words(made)[0]
    assert as_dict(made)["verdict"] == report.verdict


def test_a_summary_as_a_line() -> None:
    checks = [check(well()), check(well()), check(refused()), check(well(tls_days_left=9))]
    assert summary_line(checks, 1.44) == (
        "4 webhooks checked in 1.4 s: 1 unhealthy, 1 worth a look, 2 well"
    )
    assert summary_line([], 0.01) == "0 webhooks checked in 10 ms: 0 unhealthy, 0 well"


@pytest.mark.parametrize(
    "report", [well(), refused(), well(tls_days_left=3, is_pinged=True)], ids=str
)
def test_json_and_back(report: object) -> None:
    made = check(report, sweep_id="sw_1")  # type: ignore[arg-type]
    assert from_dict(json.loads(json.dumps(as_dict(made)))) == made


def test_junit_is_xml_whatever_a_tenant_calls_its_webhooks() -> None:
    checks = [
        check(well(), webhook=ref(ODD)),
        check(refused(), webhook=ref("wh_2")),
        check(well(tls_days_left=20), webhook=ref("wh_3", "bot_2")),
    ]
    written = junit(checks, {checks[1].ref: START}, unlisted=[("acme", "bot_9", "No <answer>.")])
    root = ET.fromstring(written)
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("4", "1", "1")
    suites = {suite.get("name"): suite for suite in root}
    assert set(suites) == {"acme/bot_1", "acme/bot_2", "acme/bot_9"}
    assert [case.get("name") for case in suites["acme/bot_1"]] == [
        'wh "1"\\\n<&>\ufffd\ufffd https://hooks.acme.example/cognigy',
        "wh_2 https://hooks.acme.example/cognigy",
    ]
    (failure,) = root.iter("failure")
    assert failure.get("type") == "unreachable"
    assert "Since:    2026-11-02 08:00:00 UTC" in (failure.text or "")
    (error,) = root.iter("error")
    assert error.get("message") == "No <answer>."
    assert [out.tag for out in suites["acme/bot_2"].iter("system-out")] == ["system-out"]


def test_junit_of_nothing() -> None:
    root = ET.fromstring(junit([], {}))
    assert (root.tag, root.get("tests"), len(root)) == ("testsuites", "0", 0)


def test_metrics_are_read_by_prometheus_own_parser() -> None:
    odd, bad = check(well(), webhook=ref('wh "1"\\\n')), check(refused(), webhook=ref("wh_2"))
    text = exposition([odd, bad], {bad.ref: START}, unlisted=[("acme", "bot_9")]).decode()
    found = {
        (sample.name, sample.labels.get("webhook", sample.labels["bot"])): sample
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    prefix = "cognitui_webhook"
    assert found[f"{prefix}_healthy", 'wh "1"\\\n'].value == 1
    assert found[f"{prefix}_healthy", "wh_2"].value == 0
    assert found[f"{prefix}_verdict", "wh_2"].labels["verdict"] == "unreachable"
    assert found[f"{prefix}_verdict", "wh_2"].labels["blame"] == "endpoint"
    assert found[f"{prefix}_certificate_days_left", 'wh "1"\\\n'].value == 63
    assert (f"{prefix}_certificate_days_left", "wh_2") not in found
    since = found[f"{prefix}_unhealthy_since_timestamp_seconds", "wh_2"].value
    assert since == START.timestamp()
    assert found[f"{prefix}_check_seconds", "wh_2"].value == 0.007
    assert found[f"{prefix}s_unlisted", "bot_9"].value == 1


def test_half_a_character_in_a_name_breaks_nothing() -> None:
    odd = [check(well(), webhook=ref("wh_\ud800"))]
    ET.fromstring(junit(odd, {}))
    assert b'webhook="wh_\\ud800"' in exposition(odd, {})
    assert from_dict(json.loads(json.dumps(as_dict(odd[0])))) == odd[0]


def test_metrics_of_nothing() -> None:
    assert [f.samples for f in text_string_to_metric_families(exposition([], {}).decode())] == [
        []
    ] * 7


def test_each_verdict_has_its_place_in_the_order() -> None:
    for verdict in EndpointVerdict:
        assert group([check(well(verdict=verdict))])
