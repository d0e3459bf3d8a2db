"""Make `data/report.png` from the demo's report as it is now: `python tests/bench/picture.py`. Needs chromium."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.picture import PICTURE, demo_page, digest_of_look, digest_of_page

WIDTH, COLOURS = 1280, 48
CHROMIUM = "/usr/bin/chromium"
_FOOT = 20


def picture_of(page: Path) -> Image.Image:
    """The first page on a screen of 1280 px, down to the end of its last section."""
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(viewport={"width": WIDTH, "height": 900})
        tab.goto(page.as_uri())
        height = tab.evaluate("document.querySelector('.short').getBoundingClientRect().bottom") + _FOOT
        shot = tab.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": round(height)})
        browser.close()
    return Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)


def main() -> None:
    """Write the picture with its digests."""
    with tempfile.TemporaryDirectory() as folder:
        page = demo_page(Path(folder))
        texts = PngInfo()
        texts.add_text("page", digest_of_page(page.read_text(encoding="utf-8")))
        texts.add_text("look", digest_of_look())
        picture_of(page).save(PICTURE, pnginfo=texts, optimize=True)
    print(f"{PICTURE}: {PICTURE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
