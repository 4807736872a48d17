"""Which bodies may be written out as text without a change."""

from __future__ import annotations

from cognitui.callbacks.display import safe_text

_TAB = "\t"


def plain_text(body: bytes) -> str | None:
    """The body as text, if nothing in it is changed by a terminal, an editor or a shell.

    ``None`` for bytes that are no UTF-8, for controls other than line ends and tabs, for text that
    is not what it looks like, and for a byte order mark.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    visible = text.replace(_TAB, " ")
    if "\r" in text or safe_text(visible, len(visible) + 1, multiline=True) != visible:
        return None
    return text
