"""What a sweep found as JUnit XML, which continuous integration servers show as tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from cognitui.network.outcome import Outcome
from cognitui.webhooks.health.report import report_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from cognitui.webhooks.health.check import Check, WebhookRef

# What XML 1.0 cannot carry, not even escaped.
_UNFIT = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(
    checks: Iterable[Check],
    since: Mapping[WebhookRef, datetime],
    *,
    unlisted: Sequence[tuple[str, str, str]] = (),
) -> bytes:
    """The file: one suite for each bot, one test for each webhook.

    Args:
        checks: One of each webhook.
        since: Since when those are unhealthy that are.
        unlisted: Tenant, bot and reason of what could not be listed; each is an error.
    """
    root = ET.Element("testsuites", name="cognitui webhooks check")
    by_bot: dict[str, list[Check]] = {}
    for check in sorted(checks, key=lambda check: check.ref):
        by_bot.setdefault(f"{check.tenant}/{check.bot_id}", []).append(check)
    for name, its in by_bot.items():
        _add_suite(root, name, its, since)
    for tenant, bot_id, reason in unlisted:
        name = f"{tenant}/{bot_id}".rstrip("/")
        suite = ET.SubElement(
            root, "testsuite", name=_fit(name), tests="1", failures="0", errors="1"
        )
        case = ET.SubElement(
            suite, "testcase", classname=_fit(name), name="its webhooks are listed"
        )
        ET.SubElement(case, "error", message=_fit(reason), type="unlisted")
    for total in ("tests", "failures", "errors"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _add_suite(
    root: ET.Element, name: str, checks: Sequence[Check], since: Mapping[WebhookRef, datetime]
) -> None:
    suite = ET.SubElement(
        root,
        "testsuite",
        name=_fit(name),
        tests=str(len(checks)),
        failures=str(sum(check.is_unhealthy for check in checks)),
        errors="0",
        time=_seconds(sum(check.ms for check in checks)),
        timestamp=min(check.at for check in checks).strftime("%Y-%m-%dT%H:%M:%S"),
    )
    for check in checks:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=_fit(name),
            name=_fit(f"{check.webhook_id} {check.url}"),
            time=_seconds(check.ms),
        )
        text = _fit(report_text(check, unhealthy_since=since.get(check.ref)))
        if check.is_unhealthy:
            failure = ET.SubElement(
                case, "failure", message=_fit(check.summary), type=str(check.verdict)
            )
            failure.text = text
        elif check.outcome is Outcome.WARN:
            ET.SubElement(case, "system-out").text = text


def _fit(text: str) -> str:
    return _UNFIT.sub("\ufffd", text)


def _seconds(ms: float) -> str:
    return f"{ms / 1000:.3f}"
