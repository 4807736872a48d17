"""The places, each made when it is first gone to."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from cognitui.tui.app import CognituiApp
    from cognitui.tui.screens.browse import BrowsePlace
    from cognitui.tui.screens.callbacks import CallbacksPlace
    from cognitui.tui.screens.place import Place
    from cognitui.tui.screens.tenants import TenantsPlace
    from cognitui.tui.screens.webhook import WebhookPlace


class Places(dict[str, "Place"]):
    """Place by id. Asking for one that does not exist yet makes it; ``in`` tells without making.

    Args:
        app: Where the places are installed, so that they outlive being left.
    """

    def __init__(self, app: CognituiApp) -> None:
        super().__init__()
        self._app = app

    def __missing__(self, name: str) -> Place:
        place = _make(name)
        self[name] = place
        self._app.put_on_keys(place)
        self._app.install_screen(place, name)
        return place

    @property
    def tenants(self) -> TenantsPlace:
        """Place 1."""
        return cast("TenantsPlace", self["tenants"])

    @property
    def browse(self) -> BrowsePlace:
        """Place 2."""
        return cast("BrowsePlace", self["browse"])

    @property
    def webhook(self) -> WebhookPlace:
        """Place 3."""
        return cast("WebhookPlace", self["webhook"])

    @property
    def callbacks(self) -> CallbacksPlace:
        """Place 4."""
        return cast("CallbacksPlace", self["callbacks"])


def _make(name: str) -> Place:
    match name:
        case "tenants":
            from cognitui.tui.screens.tenants import TenantsPlace

            return TenantsPlace()
        case "browse":
            from cognitui.tui.screens.browse import BrowsePlace

            return BrowsePlace()
        case "webhook":
            from cognitui.tui.screens.webhook import WebhookPlace

            return WebhookPlace()
        case "callbacks":
            from cognitui.tui.screens.callbacks import CallbacksPlace

            return CallbacksPlace()
        case "health":
            from cognitui.tui.screens.health import HealthPlace

            return HealthPlace()
        case "audit":
            from cognitui.tui.screens.audit import AuditPlace

            return AuditPlace()
    raise KeyError(name)
