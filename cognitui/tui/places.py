"""The places of the console, in one table that keys, the bar, the palette and help all read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlaceInfo:
    """A place: its key, its name and what it is for."""

    key: str
    id: str
    title: str
    help: str


PLACES = (
    PlaceInfo("1", "tenants", "Tenants", "Profiles, keys and connecting"),
    PlaceInfo("2", "browse", "Browse", "Bots, their skills and webhooks"),
    PlaceInfo("3", "webhook", "Webhook", "Write, check and register a webhook"),
    PlaceInfo("4", "callbacks", "Callbacks", "Send signed callbacks and receive them"),
    PlaceInfo("5", "health", "Health", "Which webhooks are unhealthy, and why"),
    PlaceInfo("6", "audit", "Audit", "What was done, and the metrics"),
)
