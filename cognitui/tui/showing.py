"""Going from where a webhook is told of to the webhook itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.display import safe_text
from cognitui.cognigy.errors import NotFound, NotSupported
from cognitui.cognigy.models import Bot

if TYPE_CHECKING:
    from cognitui.tui.screens.place import Place


async def show_webhook(place: Place, bot_id: str, webhook_id: str, gone: str = "") -> None:
    """Show a webhook of the open tenant in Browse, if it is still there.

    Args:
        place: Where the person is.
        bot_id: Whose it is.
        webhook_id: The webhook.
        gone: What to tell when it is not there any more.

    Raises:
        ApiError: The tenant does not tell.
    """
    workspace = place.workspace
    with place.taking("looking for the webhook"):
        try:
            await workspace.client.webhook(bot_id, webhook_id)
        except NotFound:
            words = gone or f"{safe_text(webhook_id, 60)} is not there any more."
            place.tell(words, warning=True)
            return
        except NotSupported:
            pass  # the tenant tells of one webhook in its list only: Browse looks there
    loaded = workspace.catalogue.bots.get(bot_id)
    bot = loaded.bot if loaded is not None else Bot(id=bot_id)
    browse = place.app.places.browse
    place.app.action_go("browse")
    browse.call_after_refresh(browse.show_item, bot, f"webhook:{webhook_id}")
