"""What a sweep found, in Prometheus's text format, for node_exporter's textfile collector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.metrics.text import head, sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from cognitui.webhooks.health.check import Check, WebhookRef


def exposition(
    checks: Iterable[Check],
    since: Mapping[WebhookRef, datetime],
    *,
    unlisted: Sequence[tuple[str, str]] = (),
) -> bytes:
    """The file that is collected.

    Args:
        checks: One of each webhook.
        since: Since when those are unhealthy that are.
        unlisted: Tenants and bots whose webhooks could not be listed.
    """
    ordered = sorted(checks, key=lambda check: check.ref)
    text = "".join(f"{line}\n" for line in _lines(ordered, since, unlisted))
    # A name may have half of a character in it, which UTF-8 cannot carry.
    return text.encode("utf-8", "backslashreplace")


def _lines(
    checks: Sequence[Check],
    since: Mapping[WebhookRef, datetime],
    unlisted: Sequence[tuple[str, str]],
) -> Iterator[str]:
    name = "cognitui_webhook_healthy"
    yield from head(name, "gauge", "Whether callbacks can be expected to arrive: 1 or 0.")
    for check in checks:
        yield sample(name, int(not check.is_unhealthy), _labels(check))
    name = "cognitui_webhook_verdict"
    yield from head(name, "gauge", "What the check found; its value is always 1.")
    for check in checks:
        found = {"verdict": str(check.verdict), "blame": str(check.blame)}
        yield sample(name, 1, _labels(check) | found)
    name = "cognitui_webhook_check_seconds"
    yield from head(name, "gauge", "How long the check took.")
    for check in checks:
        yield sample(name, round(check.ms / 1000, 6), _labels(check))
    name = "cognitui_webhook_checked_timestamp_seconds"
    yield from head(name, "gauge", "When the check began, in seconds since 1970.")
    for check in checks:
        yield sample(name, check.at.timestamp(), _labels(check))
    name = "cognitui_webhook_certificate_days_left"
    yield from head(name, "gauge", "Days until the endpoint's certificate expires.")
    for check in checks:
        if check.tls_days_left is not None:
            yield sample(name, check.tls_days_left, _labels(check))
    name = "cognitui_webhook_unhealthy_since_timestamp_seconds"
    yield from head(name, "gauge", "Since when it is unhealthy, in seconds since 1970.")
    for check in checks:
        if check.is_unhealthy and check.ref in since:
            yield sample(name, since[check.ref].timestamp(), _labels(check))
    name = "cognitui_webhooks_unlisted"
    yield from head(name, "gauge", "Tenants and bots whose webhooks could not be listed.")
    for tenant, bot_id in sorted(unlisted):
        yield sample(name, 1, {"tenant": tenant, "bot": bot_id})


def _labels(check: Check) -> dict[str, str]:
    return {"tenant": check.tenant, "bot": check.bot_id, "webhook": check.webhook_id}
