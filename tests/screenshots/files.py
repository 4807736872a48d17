"""The pictures' files: how they are written, and when they are stale."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.chromium import browser

from .png import draw, shown_by
from .scenes import SCENES

if TYPE_CHECKING:
    from collections.abc import Mapping

HOME = Path(__file__).parents[2] / "screenshots"


async def write(pictures: Mapping[str, str], home: Path = HOME) -> None:
    """Write each SVG, and the PNG that shows it."""
    async with browser() as page:
        for name, svg in pictures.items():
            (home / f"{name}.svg").write_bytes(svg.encode())
            (home / f"{name}.png").write_bytes(await draw(page, svg))


def stale(name: str, svg: str, home: Path = HOME) -> list[str]:
    """What is wrong with the files of a picture.

    Args:
        name: The picture's name.
        svg: It as the console looks now.
        home: Where the files are.
    """
    wrong = []
    file, image = home / f"{name}.svg", home / f"{name}.png"
    if not file.exists() or file.read_bytes() != svg.encode():
        wrong.append(f"{file.name} is not as the console looks now")
    if not image.exists() or shown_by(image) != hashlib.sha256(svg.encode()).hexdigest():
        wrong.append(f"{image.name} does not show {file.name}")
    return wrong


def strangers(home: Path = HOME) -> list[Path]:
    """Files that no picture has any more."""
    known = {f"{name}{suffix}" for name in SCENES for suffix in (".svg", ".png")}
    return sorted(path for path in home.iterdir() if path.name not in known)
