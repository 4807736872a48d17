"""What each command of Audit does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cognitui.tui.screens.browse import BrowsePlace
from cognitui.tui.screens.viewer import Viewer

from .test_audit import made

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .support import Console

    Trial = Callable[[Console, str], Awaitable[None]]


async def begin(console: Console, **changes: object) -> None:
    """Be in Audit, with the cursor on a record."""
    await console.workspace.log.append(made(1, **changes))
    await console.go("audit")


async def filters(console: Console, key: str) -> None:
    await begin(console)
    await console.press(key)
    assert console.focused == "audit-filter"


async def shows_the_webhook(console: Console, key: str) -> None:
    webhook = (await console.workspace.list_webhooks())[1]
    await begin(console, webhook_id=webhook.id, bot_id=console.workspace.bot_id)
    await console.press(key)
    await console.until(lambda: isinstance(console.place, BrowsePlace))
    await console.until(lambda: console.browse.webhook == webhook)


async def looks_less_far_back(console: Console, key: str) -> None:
    await begin(console)
    await console.press(key)
    assert console.audit.range == "30d"
    assert "Nothing was done in the last 30d." in console.text


async def looks_further_back(console: Console, key: str) -> None:
    await looks_less_far_back(console, "left_square_bracket")
    await console.press(key)
    assert console.audit.range == "all"
    assert len(console.rows("#records")) == 1


async def shows_the_next_chart(console: Console, key: str) -> None:
    await begin(console)
    await console.press(key)
    assert console.audit.charts.first == "distribution"
    await console.press(key, key)
    assert console.audit.charts.first == "latency"


async def groups_by_the_next(console: Console, key: str) -> None:
    await begin(console)
    await console.press("c", key)
    assert "Success rate by tenant" in console.text


async def goes_to_the_detail_and_back(console: Console, key: str) -> None:
    await begin(console)
    await console.press(key)
    assert console.focused == "record-box"
    await console.press(key)
    assert console.focused == "records"


async def copies_the_id(console: Console, key: str) -> None:
    await begin(console)
    await console.press(key)
    assert console.app.clipboard == "op_1"


async def copies_the_record(console: Console, key: str) -> None:
    await begin(console)
    await console.press(key)
    assert json.loads(console.app.clipboard)["operation_id"] == "op_1"


async def syncs(console: Console, key: str) -> None:
    await console.go("audit")
    await console.press(key)
    assert "sent; the monitor answered" in console.last_told


async def verifies(console: Console, key: str) -> None:
    await begin(console)
    await console.pilot.press(key)
    await console.until(lambda: isinstance(console.app.screen, Viewer))
    assert "✓ Whole: " in console.shows("#viewer-text")
    await console.press("escape")


async def reads_again(console: Console, key: str) -> None:
    await begin(console, webhook_id="wh_before")
    read = console.audit._source
    await console.press(key)
    assert console.audit._source is not read
    assert len(console.rows("#records")) == 1


TRIED: dict[str, Trial] = {
    "audit.filter": filters,
    "audit.webhook": shows_the_webhook,
    "audit.narrow": looks_less_far_back,
    "audit.widen": looks_further_back,
    "audit.chart": shows_the_next_chart,
    "audit.group": groups_by_the_next,
    "audit.detail": goes_to_the_detail_and_back,
    "audit.copy": copies_the_id,
    "audit.copy-json": copies_the_record,
    "audit.sync": syncs,
    "audit.verify": verifies,
    "audit.reload": reads_again,
}
