"""Why something cannot be done in Audit now, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.audit.ranges import ALL, beside
from cognitui.callbacks.display import safe_text
from cognitui.tui.audit_charts import TITLES

if TYPE_CHECKING:
    from cognitui.audit.records import AuditRecord
    from cognitui.tui.commands import Command
    from cognitui.tui.screens.audit import AuditPlace

NO_RECORD = "There is no record under the cursor."
NO_WEBHOOK = "This record is about no webhook that the tenant has given an id."
DATED = "The filter says itself how far back it looks."
NO_ROOM = "Charts need a terminal of 20 lines."


def reason_against(command: Command, place: AuditPlace) -> str:
    """A sentence; empty when it can be done."""
    against = _AGAINST.get(command.name)
    reason = against(place) if against is not None else ""
    return place.app.with_keys(reason) if reason else ""


def against_webhook(record: AuditRecord | None, tenant: str) -> str:
    """Why a record's webhook cannot be looked for, with its keys as placeholders.

    Args:
        record: The record, if there is one under the cursor.
        tenant: The open tenant; empty when none is.
    """
    if record is None:
        return NO_RECORD
    if not record.webhook_id:
        return NO_WEBHOOK
    if record.tenant == tenant:
        return ""
    is_open = f"{safe_text(tenant, 40)} is open" if tenant else "no tenant is open"
    whose = safe_text(record.tenant, 40)
    return f"It belongs to {whose}, and {is_open}: {{app.go-tenants}} goes to the tenants."


def _against_webhook(place: AuditPlace) -> str:
    return against_webhook(place.record, place.workspace.tenant_name)


def _against_record(place: AuditPlace) -> str:
    return "" if place.record is not None else NO_RECORD


def _against_narrow(place: AuditPlace) -> str:
    if place.filter.is_dated:
        return DATED
    is_shortest = beside(place.range, -1) == place.range
    return (
        f"{place.range} is the shortest: {{audit.widen}} looks further back." if is_shortest else ""
    )


def _against_widen(place: AuditPlace) -> str:
    if place.filter.is_dated:
        return DATED
    return "It looks back to the first record already." if place.range == ALL else ""


def _against_chart(place: AuditPlace) -> str:
    if not place.has_room_for_charts:
        return NO_ROOM
    return "All charts are shown already." if place.charts.room == len(TITLES) else ""


def _against_group(place: AuditPlace) -> str:
    return "" if place.has_room_for_charts else NO_ROOM


_AGAINST = {
    "webhook": _against_webhook,
    "copy": _against_record,
    "copy-json": _against_record,
    "detail": _against_record,
    "narrow": _against_narrow,
    "widen": _against_widen,
    "chart": _against_chart,
    "group": _against_group,
}
