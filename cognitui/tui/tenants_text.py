"""Tenants as rows and details: how we stand with each, why, and what to do. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from cognitui.callbacks.display import safe_text
from cognitui.tui.render import TENANT_COLOURS, plain
from cognitui.tui.widgets.row_text import Row

if TYPE_CHECKING:
    from datetime import datetime

    from cognitui.tenants.profiles import Profile
    from cognitui.tui.widgets.row_text import Cell
    from cognitui.workspace import TenantStatus
    from cognitui.workspace.tenants import TenantEntry

EMPTY = """
No tenant yet.

  {tenants.add:3} add one: its base URL, key and secret

Only looking around? Quit and run  cognitui demo
It brings a tenant of its own, and needs no account.
"""
NEXT_STEPS = """\
Where to go from here

  {app.go-browse:2} Browse     bots, skills and webhooks
  {app.go-webhook:2} Webhook    write and register one
  {app.go-callbacks:2} Callbacks  send a signed callback
  {app.go-health:2} Health     webhooks that are unhealthy
  {app.go-audit:2} Audit      what was done\
"""
CLOSED = "enter  connects to it\n{tenants.test:6} tests it first"
LOCKED = "Its key is in the vault, which is locked.\n\nenter  unlocks the vault and connects"
CONNECTING = "Everything else works meanwhile.\n\nesc  stops"
STOPPED = "You stopped connecting to it.\n\nenter  tries again"
FAILED = "enter  tries again\n{tenants.edit:6} edits it"
TROUBLE = "{app.reconnect:6} connects again\n{app.go-browse:6} Browse tries what failed"
OFFLINE = (
    "The last request got no answer. What needs no tenant works all the same: the editor's form, "
    "Callbacks and Audit.\n\n{app.reconnect:6} connects again, wherever you are"
)
SOURCES = {
    "environment": "in the environment",
    "session": "not stored",
    "vault": "in the vault",
}
LABEL_WIDTH = 11
_ROLES = {"success": "good", "warning": "warn", "error": "bad", "text-muted": "muted"}


def state_of(entry: TenantEntry, status: TenantStatus) -> tuple[str, str]:
    """How we stand with it: a mark and a word, and the theme's colour."""
    if status.tenant != entry.profile.name:
        return ("ready", "") if entry.has_key else ("locked", "text-muted")
    good = status.connection == "connected"
    colour = {"connected": "success", "connecting": "warning"}.get(status.connection, "error")
    return f"{'●' if good else '○'} {status.connection}", colour


def tenant_row(entry: TenantEntry, status: TenantStatus, now: datetime) -> Row:
    """One line of the list."""
    profile = entry.profile
    word, colour = state_of(entry, status)
    return Row(
        (
            _name(profile),
            ((word, _ROLES.get(colour, "")),),
            ((safe_text(profile.base_url, 200), ""),),
            ((last_used(profile, now), "muted"),),
        )
    )


def _name(profile: Profile) -> Cell:
    """Its name, with its colour in front, and a mark where changes are for real."""
    colour = TENANT_COLOURS.get(profile.colour, "")
    dot: Cell = (("■ ", colour),) if colour else ()
    mark: Cell = (("  prod", "bad"),) if profile.is_production else ()
    return (*dot, (safe_text(profile.name, 40), ""), *mark)


def advice(
    entry: TenantEntry, status: TenantStatus, hint: str, trouble: tuple[str, str]
) -> tuple[str, str]:
    """Why we stand with it as we do, and what to do next, with its keys as placeholders.

    Args:
        entry: The tenant.
        status: Of the tenant that is open.
        hint: What to do about the problem that the status names.
        trouble: What could not be read of a tenant that is connected, and what to do about it.
    """
    if status.tenant != entry.profile.name:
        return "", CLOSED if entry.has_key else LOCKED
    match status.connection:
        case "connecting":
            return "", CONNECTING
        case "connected":
            message, what = trouble
            return ("\n".join(filter(None, trouble)), TROUBLE) if message else (what, NEXT_STEPS)
        case "offline":
            return "", OFFLINE
    if not status.problem:
        return "", STOPPED
    return "\n".join(filter(None, (status.problem, hint))), FAILED


def tenant_detail(
    entry: TenantEntry, status: TenantStatus, problem: str, steps: str, now: datetime
) -> Content:
    """What stands beside the list: the state, what to do, and then the facts.

    Args:
        entry: The tenant.
        status: Of the tenant that is open.
        problem: What is wrong; empty when nothing is.
        steps: What to do next, with its keys.
        now: The present, for telling when it was used last.
    """
    word, colour = state_of(entry, status)
    name = plain(entry.profile.name).stylize("bold")
    parts = [Content.assemble(name, "  ", (word, f"${colour}" if colour else ""))]
    if problem:
        wrong = safe_text(f"✗ {problem}", 600, multiline=True)
        parts.append(Content.styled(wrong, "$error"))
    parts += [Content(steps), _facts(entry, now)]
    return Content("\n\n").join(parts)


def _facts(entry: TenantEntry, now: datetime) -> Content:
    profile = entry.profile
    key = profile.key_fingerprint or "unknown"
    webhooks, requests = f"{profile.webhook_limit:,}", f"{profile.requests_per_minute:,}"
    rows = [
        ("base URL", profile.base_url),
        ("key", f"{key}, {SOURCES.get(entry.source, entry.source)}"),
        ("bot", profile.bot_id or "the first one"),
        ("monitor", profile.monitor_url or "none"),
        ("limits", f"{webhooks} webhooks, {requests} requests/min"),
        *([("production", "changes ask for its name")] if profile.is_production else []),
        ("last used", last_used(profile, now)),
    ]
    lines = [
        Content.assemble((f"{name:<{LABEL_WIDTH}}", "$foreground-muted"), plain(value, 300))
        for name, value in rows
    ]
    return Content("\n").join(lines)


def last_used(profile: Profile, now: datetime) -> str:
    """When it was opened last, in local time."""
    if profile.last_used is None:
        return "–"
    local = profile.last_used.astimezone()
    today = now.astimezone().date()
    if local.date() == today:
        return f"today {local:%H:%M}"
    return f"{local:%Y-%m-%d}"
