"""The themes can be read: each text on each ground that it stands on, by WCAG's measure."""

from __future__ import annotations

from itertools import product

import pytest
from textual.color import Color

from cognitui.config import THEMES
from cognitui.tui.themes import AVAILABLE

OURS = ["dark", "light", "high-contrast"]
TEXTS = [
    "foreground", "foreground-muted", "text", "text-muted", "primary", "secondary", "accent",
    "success", "warning", "error", "text-primary", "text-secondary", "text-accent",
    "text-success", "text-warning", "text-error", "footer-foreground", "footer-key-foreground",
    "link-color",
]  # fmt: skip
GROUNDS = ["background", "surface", "panel", "boost", "footer-background", "block-hover-background"]
PAIRS = [
    *product(TEXTS, GROUNDS),
    ("block-cursor-foreground", "block-cursor-background"),
    ("block-cursor-blurred-foreground", "block-cursor-blurred-background"),
    ("foreground", "input-selection-background"),
    ("foreground", "screen-selection-background"),
    ("input-cursor-foreground", "input-cursor-background"),
    *(("button-color-foreground", kind) for kind in ("primary", "success", "warning", "error")),
    ("link-color-hover", "link-background-hover"),
    *product(["foreground", "text-success", "text-warning", "text-error"], ["panel-lighten-1"]),
    ("button-foreground", "surface"),
]
DISABLED = list(product(["foreground-disabled", "text-disabled"], GROUNDS))


def luminance(colour: Color) -> float:
    """WCAG's relative luminance."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in colour.normalized
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Color, other: Color) -> float:
    """WCAG's contrast ratio, from 1 to 21."""
    bright, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def colours(name: str, text: str, ground: str) -> tuple[Color, Color]:
    """A theme's text and ground as they are seen."""
    theme = AVAILABLE[name]
    variables = {**theme.to_color_system().generate(), **theme.variables}
    base = Color.parse(variables["background"])
    behind = base + Color.parse(variables[ground])
    word = variables[text]
    if word.startswith("auto"):
        alpha = float(word.split()[1].rstrip("%")) / 100
        return behind + behind.get_contrast_text(alpha), behind
    return behind + Color.parse(word), behind


def test_the_measure_is_wcags() -> None:
    assert contrast(Color.parse("#000000"), Color.parse("#ffffff")) == pytest.approx(21)
    assert contrast(Color.parse("#767676"), Color.parse("#ffffff")) == pytest.approx(4.54, abs=0.01)
    assert contrast(Color.parse("#ff0000"), Color.parse("#ffffff")) == pytest.approx(4.0, abs=0.01)


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read(name: str, text: str, ground: str) -> None:
    assert contrast(*colours(name, text, ground)) >= (7 if name == "high-contrast" else 4.5)


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize(("text", "ground"), DISABLED)
def test_what_cannot_be_used_can_still_be_made_out(name: str, text: str, ground: str) -> None:
    assert contrast(*colours(name, text, ground)) >= (7 if name == "high-contrast" else 3)


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("line", ["primary", "border"])
def test_what_has_the_focus_stands_out(name: str, line: str) -> None:
    assert contrast(*colours(name, line, "background")) >= 3


@pytest.mark.parametrize("line", ["line", "border-blurred", "scrollbar"])
@pytest.mark.parametrize("ground", ["background", "surface"])
def test_in_high_contrast_even_lines_stand_out(line: str, ground: str) -> None:
    assert contrast(*colours("high-contrast", line, ground)) >= 3


def test_there_is_a_theme_for_every_name() -> None:
    assert list(AVAILABLE) == list(THEMES)
    for name, theme in AVAILABLE.items():
        assert theme.name == name
        assert theme.dark is not name.endswith("light")
        assert theme.ansi is name.startswith("ansi")
