"""Telling the external monitor how registrations went."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cognitui.audit.errors import MonitorRefused, MonitorUnreachable
from cognitui.audit.records import Action, Outcome
from cognitui.cognigy.origin import Origin
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

    from cognitui.audit.metrics import EfficiencyReport
    from cognitui.audit.records import AuditRecord
    from cognitui.audit.store import AuditLog

TRAIL_LENGTH = 10
TIMEOUT_S = 10.0
MAX_ANSWER_BYTES = 64 * 1024
MAX_EXCERPT = 200
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
_SUCCESSES, _REDIRECTS = range(200, 300), range(300, 400)
_CLIENT_ERRORS, _SERVER_ERRORS = range(400, 500), range(500, 600)
_HINTS = {
    401: "The monitor wants to know who asks; cognitui sends it no key.",
    403: "The monitor does not let this machine in.",
    404: "Check the path of the monitor's URL.",
    405: "Check the path of the monitor's URL; what is there takes no POST.",
    413: "The monitor takes no body of this size.",
    429: "The monitor is asked too often; try again later.",
}


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What the monitor made of it.

    Attributes:
        status: The HTTP status, a 2xx.
        ms: Milliseconds from connecting to the last byte.
        entries: How many registrations were sent.
        answer: The beginning of what the monitor said, made safe to show.
    """

    status: int
    ms: float
    entries: int
    answer: str


def monitor_body(records: Iterable[AuditRecord], report: EfficiencyReport) -> dict[str, Any]:
    """The body that the monitor gets.

    Args:
        records: Any records in any order; the last ten registrations among them are sent, oldest
            first. Cancelled ones are left out, as the report leaves them out.
        report: The metrics.
    """
    registrations = [
        record
        for record in records
        if record.action is Action.WEBHOOK_REGISTER and record.outcome is not Outcome.CANCELLED
    ]
    # Ids tell the order even when the clock was set back; a record without one is the newest.
    registrations.sort(key=lambda record: (record.id is None, record.id or 0, record.at))
    return {
        "audit_trail": [_entry(record) for record in registrations[-TRAIL_LENGTH:]],
        "metrics": report.as_dict(),
    }


def _entry(record: AuditRecord) -> dict[str, Any]:
    success = record.outcome is Outcome.OK
    return {
        "timestamp": record.at.isoformat(),
        "webhook_id": record.webhook_id or "unknown",
        "skill_id": record.skill_id,
        # Nothing was timed because nothing was sent: the monitor wants a number all the same.
        "latency_ms": record.latency_ms or 0.0,
        "success": success,
        "event": "WEBHOOK_REGISTERED" if success else "WEBHOOK_REGISTRATION_FAILED",
    }


async def sync(
    log: AuditLog,
    url: str,
    *,
    tenant: str | None = None,
    timeout_s: float = TIMEOUT_S,
    client: httpx.AsyncClient | None = None,
) -> SyncResult:
    """Send the last registrations and the report to the monitor, once.

    The caller records that it was done.

    Args:
        log: Where the numbers come from.
        url: The monitor.
        tenant: Only this tenant's registrations.
        timeout_s: Seconds for the whole exchange.
        client: Used instead of one of its own, and left open.

    Raises:
        UsageError: The URL cannot be a monitor's.
        MonitorRefused: It answered, and not with success.
        MonitorUnreachable: It gave no answer in time.
        AuditError: The log could not be read.
    """
    origin = _checked(url)
    body = monitor_body(*await log.last_registrations(TRAIL_LENGTH, tenant))
    started = time.perf_counter()
    if client is None:
        context = await asyncio.to_thread(_tls_context, origin)
        async with _own_client(origin, context) as own:
            status, answer = await _post(own, url, body, origin, timeout_s)
    else:
        status, answer = await _post(client, url, body, origin, timeout_s)
    ms = (time.perf_counter() - started) * 1000
    if status not in _SUCCESSES:
        raise _refused(status, answer, origin)
    return SyncResult(status, ms, len(body["audit_trail"]), answer)


def _checked(url: str) -> Origin:
    try:
        return Origin.of(url)
    except ValueError as error:
        raise _unusable(str(error)) from None


def _unusable(reason: str) -> UsageError:
    return UsageError(
        f"The monitor's URL cannot be used: {reason}.",
        hint="It looks like https://monitor.example.com/api/webhook-sync.",
        field="monitor_url",
    )


def _tls_context(origin: Origin) -> ssl.SSLContext:
    # Loading the certificates takes long enough to be felt, so it is done only where they count.
    https = origin.scheme == "https"
    return ssl.create_default_context() if https else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _own_client(origin: Origin, context: ssl.SSLContext) -> httpx.AsyncClient:
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    import httpx

    return httpx.AsyncClient(
        verify=context,
        trust_env=not origin.is_loopback,  # a proxy cannot reach this machine's own ports
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )


async def _post(
    client: httpx.AsyncClient, url: str, body: dict[str, Any], origin: Origin, timeout_s: float
) -> tuple[int, str]:
    import httpx

    try:
        # httpx counts each phase for itself; an answer that drips would never end.
        async with asyncio.timeout(timeout_s):
            return await _exchange(client, url, body)
    except (TimeoutError, httpx.TimeoutException):
        reason = f"did not answer within {timeout_s:g} s"
    except httpx.ConnectError:
        reason = "cannot be reached"
    except httpx.InvalidURL:
        raise _unusable("it is malformed") from None
    # Cookies, header bytes and certificates that httpx trips over come as ValueError and OSError.
    except (httpx.HTTPError, OSError, ValueError) as error:
        reason = f"gave no answer that can be read ({type(error).__name__})"
    raise MonitorUnreachable(
        f"The monitor at {origin} {reason}.",
        hint="Check its URL and that it runs. Nothing is lost: the next sync sends it again.",
    )


async def _exchange(client: httpx.AsyncClient, url: str, body: dict[str, Any]) -> tuple[int, str]:
    # Uncompressed, so that the bound on what is read is a bound on what is held.
    headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    request = client.build_request("POST", url, json=body, headers=headers, timeout=None)
    response = await client.send(request, stream=True, follow_redirects=False)
    try:
        read = bytearray()
        async for chunk in response.aiter_raw():
            read += chunk
            if len(read) >= MAX_ANSWER_BYTES:
                break
        return response.status_code, _excerpt(bytes(read))
    finally:
        await response.aclose()


def _excerpt(answer: bytes) -> str:
    decoded = answer[: 4 * MAX_EXCERPT].decode("utf-8", "replace")
    text = " ".join(_CONTROLS.sub(" ", decoded).split())
    return text if len(text) <= MAX_EXCERPT else text[:MAX_EXCERPT] + "…"


def _refused(status: int, answer: str, origin: Origin) -> MonitorRefused:
    said = f" It says: {answer}" if answer else ""
    hint = _HINTS.get(status, "")
    if status in _REDIRECTS:
        hint = "It leads to another place; give the final URL, redirects are not followed."
    elif status in _SERVER_ERRORS:
        hint = "The monitor itself fails. Try again later."
    elif status in _CLIENT_ERRORS and not hint:
        hint = "The monitor does not accept the body; check that the URL is the right one."
    return MonitorRefused(
        f"The monitor at {origin} refused with {status}.{said}",
        status=status,
        answer=answer,
        hint=hint,
    )
