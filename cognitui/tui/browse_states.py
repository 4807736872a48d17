"""What Browse says while it has nothing to list: pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from cognitui.tui.render import Part, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cognitui.errors import CognituiError

Key = tuple[str, str]
OPEN_TENANT: Key = ("{app.go-tenants}", "open a tenant")
OTHER_TENANT: Key = ("{app.go-tenants}", "another tenant")
AGAIN: Key = ("{browse.reload}", "try again")
BY_ID: Key = ("{browse.open-bot}", "open a bot by its id")


def empty_state(
    keys: Callable[[str], str],
    *,
    is_open: bool,
    is_loading: bool,
    lists_bots: bool | None,
    failure: CognituiError | None,
) -> Content:
    """Why there is nothing, and the keys that change that.

    Args:
        keys: Puts the keys of commands into a text, as the app's ``with_keys``.
        is_open: Whether a tenant is open.
        is_loading: Whether its bots are being asked for.
        lists_bots: Whether the tenant lists them; ``None`` until that is known.
        failure: Why they could not be had.
    """
    if not is_open:
        return _state(
            "Nothing to browse yet.", "Browse shows what a tenant holds.", [OPEN_TENANT], keys
        )
    if is_loading:
        return Content.styled("\n◌ loading …", "$foreground-muted")
    if failure is not None:
        title = f"✗ {failure.message}"
        offered = [AGAIN, BY_ID, OTHER_TENANT]
        return _state(title, failure.hint, offered, keys, colour="$error")
    if lists_bots is False:
        told = "Its ids are shown where the bots are made."
        return _state("This tenant does not list its bots.", told, [BY_ID, OTHER_TENANT], keys)
    told = "Or the key may not see them."
    return _state("This tenant has no bots.", told, [AGAIN, BY_ID, OTHER_TENANT], keys)


def _state(
    title: str,
    text: str,
    offered: Sequence[Key],
    keys: Callable[[str], str],
    colour: str = "",
) -> Content:
    parts: list[Content | Part] = ["\n", plain(title, 300).stylize(colour or "bold"), "\n"]
    if text:
        parts += [plain(text, 300).stylize("$foreground-muted"), "\n"]
    for key, meaning in offered:
        parts += ["\n", (f"{keys(key):>3}  ", "bold $footer-key-foreground"), meaning]
    return Content.assemble(*parts)
