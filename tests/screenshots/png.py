"""An SVG as PNG, drawn by Chromium, with the hash of the SVG that it shows."""

from __future__ import annotations

import base64
import hashlib
import io
from importlib.resources import files
from typing import TYPE_CHECKING

from PIL import Image, PngImagePlugin

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.chromium import Page

SCALE = 2
COLOURS = 256
MARK = "svg-sha256"
FONT = "RobotoMono-VariableFont_wght.ttf"
FONT_ITALIC = "RobotoMono-Italic-VariableFont_wght.ttf"


async def draw(page: Page, svg: str) -> bytes:
    """The PNG of an SVG, in the font in which `cognitui serve` shows the console."""
    await page.show(_page(svg))
    await page.until("document.fonts.status === 'loaded'")
    box = await page.value(
        "(({ width, height }) => [width, height])"
        "(document.querySelector('svg').getBoundingClientRect())"
    )
    clip = {"x": 0, "y": 0, "width": box[0], "height": box[1], "scale": SCALE}
    drawn = await page.screenshot(clip=clip, captureBeyondViewport=True)
    return _small(drawn, hashlib.sha256(svg.encode()).hexdigest())


def shown_by(path: Path) -> str:
    """The hash of the SVG that a PNG shows; empty when it does not say."""
    with Image.open(path) as image:
        return str(image.info.get(MARK, ""))


def _small(drawn: bytes, digest: str) -> bytes:
    """With a palette of its own, as a screen has few colours, and with the hash."""
    note = PngImagePlugin.PngInfo()
    note.add_text(MARK, digest)
    out = io.BytesIO()
    with Image.open(io.BytesIO(drawn)) as image:
        few = image.convert("RGBA").quantize(COLOURS, Image.Quantize.FASTOCTREE)
        few.save(out, "PNG", optimize=True, pnginfo=note)
    return out.getvalue()


def _page(svg: str) -> str:
    fonts = files("textual_serve") / "static" / "fonts"
    faces = "".join(
        f"@font-face{{font-family:P;font-weight:100 700;font-style:{style};"
        f"src:url(data:font/ttf;base64,{_base64((fonts / name).read_bytes())})}}"
        for name, style in ((FONT, "normal"), (FONT_ITALIC, "italic"))
    )
    view = svg.partition('viewBox="0 0 ')[2].partition('"')[0].split()
    size = f"svg{{display:block;width:{view[0]}px;height:{view[1]}px}}"
    font = "svg text{font-family:P,'DejaVu Sans Mono',monospace!important}"
    return f"<!doctype html><style>{faces}body{{margin:0}}{size}{font}</style>{svg}"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
