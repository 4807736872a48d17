"""The README's pictures show the console as it is now. To make them: python -m tests.screenshots."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.style import Style

from cognitui.tui.places import PLACES

from .screenshots.files import HOME, stale, strangers
from .screenshots.glyphs import HEAVY, LIGHT, boxes
from .screenshots.png import shown_by
from .screenshots.scenes import SCENES, play
from .screenshots.svg import Cell, svg

README = Path(__file__).parents[1] / "README.md"
MOST_BYTES = 300_000
PLAIN = Style.parse("white on black")


@pytest.mark.parametrize("name", SCENES)
async def test_a_picture_is_not_stale(name: str) -> None:
    assert stale(name, await play(name)) == []


def test_no_picture_is_left_over() -> None:
    assert strangers() == []


@pytest.mark.parametrize("name", SCENES)
def test_a_picture_loads_nothing_and_is_small(name: str) -> None:
    text = (HOME / f"{name}.svg").read_text(encoding="utf-8")
    assert re.findall(r"https?://(?!127\.0\.0\.1|\S*acme)[^\"<]*", text) == [
        "http://www.w3.org/2000/svg"
    ]
    assert not re.search(r"@import|@font-face|url\(|href|<script|<image", text)
    ET.fromstring(text)
    assert (HOME / f"{name}.png").stat().st_size < MOST_BYTES


def test_what_is_stale_is_found(tmp_path: Path) -> None:
    now = (HOME / "tenants.svg").read_text(encoding="utf-8")
    image = (HOME / "tenants.png").read_bytes()
    assert stale("tenants", now, tmp_path) == [
        "tenants.svg is not as the console looks now",
        "tenants.png does not show tenants.svg",
    ]
    (tmp_path / "tenants.svg").write_text(now.replace("sandbox", "sandpit"), encoding="utf-8")
    (tmp_path / "tenants.png").write_bytes(image)
    assert stale("tenants", now, tmp_path) == ["tenants.svg is not as the console looks now"]
    (tmp_path / "tenants.svg").write_text(now, encoding="utf-8")
    (tmp_path / "tenants.png").write_bytes((HOME / "audit.png").read_bytes())
    assert shown_by(tmp_path / "tenants.png")
    assert stale("tenants", now, tmp_path) == ["tenants.png does not show tenants.svg"]
    (tmp_path / "old.svg").touch()
    assert [path.name for path in strangers(tmp_path)] == ["old.svg"]


def test_the_readme_shows_each_place_and_only_what_there_is() -> None:
    shown = re.findall(r"\]\((screenshots/[^)]*)\)", README.read_text(encoding="utf-8"))
    for path in shown:
        assert (README.parent / path).exists(), path
    names = {Path(path).stem for path in shown}
    assert {place.id for place in PLACES} <= names


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        ("█", [(0, 0, 1, 1)]),
        ("▄", [(0, 0.5, 1, 0.5)]),
        ("▔", [(0, 0, 1, 0.125)]),
        ("▎", [(0, 0, 0.25, 1)]),
        ("▐", [(0.5, 0, 0.5, 1)]),
        ("▞", [(0.5, 0, 0.5, 0.5), (0, 0.5, 0.5, 0.5)]),
        ("x", None),
        ("●", None),
        ("▒", None),
        ("═", None),
        ("\N{BOX DRAWINGS LIGHT DIAGONAL CROSS}", None),
    ],
)
def test_a_block_is_drawn(character: str, expected: list[tuple[float, ...]] | None) -> None:
    assert boxes(character, 2) == expected


@pytest.mark.parametrize(
    ("character", "sides", "weight"),
    [
        ("─", "we", LIGHT),
        ("━", "we", HEAVY),
        ("│", "ns", LIGHT),
        ("┌", "se", LIGHT),
        ("╯", "nw", LIGHT),
        ("├", "nse", LIGHT),
        ("╋", "nsew", HEAVY),
        ("╸", "w", HEAVY),
    ],
)
def test_a_line_reaches_the_sides_that_it_goes_to(
    character: str, sides: str, weight: float
) -> None:
    drawn = boxes(character, 2)
    assert drawn is not None
    reached = {
        "w": any(left == 0 and width >= 0.5 for left, _, width, _ in drawn),
        "e": any(left + width == 1 and width >= 0.5 for left, _, width, _ in drawn),
        "n": any(top == 0 and height >= 0.5 for _, top, _, height in drawn),
        "s": any(top + height == 1 and height >= 0.5 for _, top, _, height in drawn),
    }
    assert {side for side, is_so in reached.items() if is_so} == set(sides)
    assert all(min(width, 2 * height) == weight for _, _, width, height in drawn)


def test_lines_of_two_weights_keep_them() -> None:
    drawn = boxes("┡", 2)  # the upper half and the right are heavy
    assert drawn is not None
    assert sorted({min(width, 2 * height) for _, _, width, height in drawn}) == [LIGHT, HEAVY]


def test_text_is_escaped_and_as_wide_as_its_cells() -> None:
    row = [Cell(character, PLAIN) for character in "  a<b  ✓ & c"]
    drawn = svg([row], 'a "title" & more')
    root = ET.fromstring(drawn)
    texts = {
        "".join(element.itertext()): element.attrib
        for element in root.iter("{http://www.w3.org/2000/svg}text")
    }
    assert list(texts) == ["a<b", "✓", "& c"]
    assert texts["a<b"]["x"] == "19.2"
    assert texts["a<b"]["textLength"] == "28.8"
    assert texts["✓"] == {"class": "m", "x": "72", "y": "15"}
    assert root[0].text == 'a "title" & more'
