"""Why something cannot be done in Health now, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.display import safe_text

if TYPE_CHECKING:
    from cognitui.tui.commands import Command
    from cognitui.tui.screens.health import HealthPlace

NO_TENANT = "No tenant is open: press {app.go-tenants} and open one."
NO_BOT = "No bot is chosen: {app.go-browse} Browse chooses one, {health.widen} shows the tenant."
NOTHING = "There is nothing here yet: {health.sweep} checks all."
ON_A_HEADING = "The cursor is on a heading: move to a webhook."
STILL = "A check is under way: esc stops it."
NONE_STOPPED = "No check of all was stopped: {health.sweep} begins one."
CANNOT_SIGN = (
    "Its secret is not known in this session, and a ping has to be signed: register or edit the "
    "webhook in it, or start with COGNITUI_WEBHOOK_SECRET."
)
FIRST, LAST = "Fewer than those of a bot are not shown.", "These are all there are."


def reason_against(command: Command, place: HealthPlace) -> str:
    """A sentence; empty when it can be done."""
    against = _AGAINST.get(command.name)
    reason = against(place) if against is not None else ""
    return place.app.with_keys(reason) if reason else ""


def _against_sweep(place: HealthPlace) -> str:
    if place.is_sweeping:
        return STILL
    if place.scope == "all":
        return ""
    if place.workspace.profile is None:
        return NO_TENANT
    return NO_BOT if place.scope == "bot" and place.workspace.bot is None else ""


def _against_resume(place: HealthPlace) -> str:
    return _against_sweep(place) or ("" if place.stopped_sweep else NONE_STOPPED)


def _against_watch(place: HealthPlace) -> str:
    return "" if place.is_watching or place.is_sweeping else _against_sweep(place)


def _against_check(place: HealthPlace) -> str:
    if place.is_sweeping:
        return STILL
    return "" if place.shown.refs(place.rows.cursor_key) else NOTHING


def _against_one(place: HealthPlace) -> str:
    if place.course is not None:
        return ""
    return ON_A_HEADING if place.shown.courses else NOTHING


def _against_ping(place: HealthPlace) -> str:
    if reason := _against_one(place) or (STILL if place.is_sweeping else ""):
        return reason
    course = place.course
    known = course is not None and place.workspace.health.can_ping(course.latest.ref)
    return "" if known else CANNOT_SIGN


def _against_webhook(place: HealthPlace) -> str:
    course = place.course
    if course is None:
        return _against_one(place)
    tenant = place.workspace.tenant_name
    if course.latest.tenant == tenant:
        return ""
    is_open = f"{safe_text(tenant, 40)} is open" if tenant else "no tenant is open"
    whose = safe_text(course.latest.tenant, 40)
    return f"It belongs to {whose}, and {is_open}: {{app.go-tenants}} goes to the tenants."


def _against_copy(place: HealthPlace) -> str:
    return "" if place.shown.courses else NOTHING


def _against_narrow(place: HealthPlace) -> str:
    return FIRST if place.scope == "bot" else ""


def _against_widen(place: HealthPlace) -> str:
    return LAST if place.scope == "all" else ""


_AGAINST = {
    "sweep": _against_sweep,
    "resume": _against_resume,
    "watch": _against_watch,
    "check": _against_check,
    "ping": _against_ping,
    "webhook": _against_webhook,
    "copy": _against_copy,
    "copy-id": _against_one,
    "detail": _against_copy,
    "filter": _against_copy,
    "narrow": _against_narrow,
    "widen": _against_widen,
}
