"""One webhook by its id, whatever the tenant offers for that."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from cognitui.cognigy.errors import NotFound, NotSupported

if TYPE_CHECKING:
    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.workspace import Workspace


async def fetch_webhook(workspace: Workspace, webhook_id: str) -> RegisteredWebhook:
    """The webhook as the tenant has it: asked for by itself, else found in the list.

    Raises:
        NotFound: The bot has no such webhook.
        ApiError: The tenant does not tell.
    """
    try:
        return await workspace.client.webhook(workspace.bot_id, webhook_id)
    except (NotFound, NotSupported) as error:
        # Either it does not exist or the tenant has no such call: the list knows.
        problem = error
    for webhook in await workspace.list_webhooks():
        if webhook.id == webhook_id:
            return webhook
    if isinstance(problem, NotFound):
        raise problem
    raise NotFound(f"{workspace.bot_id} has no webhook {webhook_id}.", status=HTTPStatus.NOT_FOUND)
