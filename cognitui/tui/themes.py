"""The console's themes: the one place where colours are written down.

Everything else names a theme's variables. Text reaches a contrast of 4.5 on every ground that it
stands on, 7 in high contrast; the two ANSI themes leave the colours to the terminal.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from textual.theme import BUILTIN_THEMES, Theme


class Palette(NamedTuple):
    """The colours that a theme is made of.

    Attributes:
        ground: Behind everything.
        surface: Behind fields and dialogs.
        panel: Behind the key bar, and lines between parts.
        focus: Behind the field that has the focus.
        text: What is read.
        muted: What is read second.
        disabled: What cannot be used now.
        line: What parts the screen, and shows how far a list is scrolled.
        cursor: Text and ground of the line under the cursor.
        left: The same while another part has the focus.
        selected: Behind text that was selected.
    """

    ground: str
    surface: str
    panel: str
    focus: str
    text: str
    muted: str
    disabled: str
    line: str
    primary: str
    secondary: str
    accent: str
    success: str
    warning: str
    error: str
    cursor: tuple[str, str]
    left: tuple[str, str]
    selected: str


_DARK = Palette(
    ground="#101419", surface="#171d24", panel="#222a33", focus="#1e2630",
    text="#dce3ea", muted="#98a6b5", disabled="#6f7c8a", line="#3a4a5b",
    primary="#5eb1ff", secondary="#9db7d3", accent="#ffb86b",
    success="#62d694", warning="#f2c14e", error="#ff8087",
    cursor=("#ffffff", "#1f4a75"), left=("#dce3ea", "#26313d"), selected="#2a5581",
)  # fmt: skip
_LIGHT = Palette(
    ground="#fcfcfa", surface="#f1f2ef", panel="#e3e6e3", focus="#e8ece9",
    text="#1b2229", muted="#525d68", disabled="#75808a", line="#b3bfca",
    primary="#0b57a8", secondary="#45617d", accent="#7a3ea8",
    success="#14652f", warning="#7d4c00", error="#ab2222",
    cursor=("#ffffff", "#0b57a8"), left=("#1b2229", "#d3dde8"), selected="#b9d3ee",
)  # fmt: skip
_HIGH_CONTRAST = Palette(
    ground="#000000", surface="#1c1c1c", panel="#2a2a2a", focus="#303030",
    text="#ffffff", muted="#dadada", disabled="#c4c4c4", line="#9a9a9a",
    primary="#7fd0ff", secondary="#c9e4ff", accent="#ffd75e",
    success="#7dffa8", warning="#ffe14d", error="#ffbcbc",
    cursor=("#000000", "#ffffff"), left=("#ffffff", "#3a3a3a"), selected="#004a80",
)  # fmt: skip
_TRACK = ("background", "background-hover", "background-active", "corner-color")


def _theme(name: str, palette: Palette, *, dark: bool, **variables: str) -> Theme:
    colours = {
        kind: getattr(palette, kind)
        for kind in ("primary", "secondary", "accent", "success", "warning", "error")
    }
    return Theme(
        name=name,
        dark=dark,
        **colours,
        foreground=palette.text,
        background=palette.ground,
        surface=palette.surface,
        panel=palette.panel,
        variables={
            "line": palette.line,
            "boost": palette.focus,
            "foreground-muted": palette.muted,
            "foreground-disabled": palette.disabled,
            "text-muted": palette.muted,
            "text-disabled": palette.disabled,
            **{f"text-{kind}": colour for kind, colour in colours.items()},
            "block-cursor-foreground": palette.cursor[0],
            "block-cursor-background": palette.cursor[1],
            "block-cursor-blurred-foreground": palette.left[0],
            "block-cursor-blurred-background": palette.left[1],
            "block-hover-background": palette.focus,
            "input-selection-background": palette.selected,
            "screen-selection-background": palette.selected,
            "scrollbar": palette.line,
            "scrollbar-hover": palette.muted,
            "scrollbar-active": palette.primary,
            **{f"scrollbar-{part}": palette.ground for part in _TRACK},
            **variables,
        },
    )


def _in_the_terminals_colours(name: str) -> Theme:
    """Textual's theme; what is read second is as plain as the rest, what cannot be used is grey."""
    theirs = BUILTIN_THEMES[name]
    plain = ("foreground-muted", "text-muted", "link-color")
    grey = ("foreground-disabled", "text-disabled", "line")
    variables = {
        **theirs.variables,
        **dict.fromkeys(plain, "ansi_default"),
        **dict.fromkeys(grey, "ansi_bright_black"),
    }
    return replace(theirs, variables=variables)


AVAILABLE: dict[str, Theme] = {
    theme.name: theme
    for theme in (
        _theme("dark", _DARK, dark=True),
        _theme("light", _LIGHT, dark=False),
        _theme("high-contrast", _HIGH_CONTRAST, dark=True, **{"border-blurred": "#9a9a9a"}),
        _in_the_terminals_colours("ansi-dark"),
        _in_the_terminals_colours("ansi-light"),
    )
}
