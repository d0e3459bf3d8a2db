"""Colours of a brand that can be read on the page, one for light and one for dark."""

from __future__ import annotations

import re

from queries.errors import UsageError

_READABLE = 4.5  # contrast of text, WCAG 2.2 success criterion 1.4.3
_LIGHT, _DARK = (245, 247, 248), (25, 33, 39)  # --wash in report.css, which asks for more than --paper
_STEP = 0.04
Colour = tuple[int, int, int]


def brand_css(colour: str) -> str:
    """Rules that put a brand's colour (`#rrggbb`) in place of the accent, darkened or lightened until it can be read.

    Raises `UsageError` for a text that is not such a colour.
    """
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise UsageError("brand.colour", f"brand_colour {colour!r} is not a colour", "Write it as #0b6b74")
    given = (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16))
    light, dark = _readable(given, _LIGHT, (0, 0, 0)), _readable(given, _DARK, (255, 255, 255))
    return (
        f":root{{--accent:{_hex(light)};--band:{_hex(_mixed(light, _LIGHT, 0.8))}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root{{--accent:{_hex(dark)};"
        f"--band:{_hex(_mixed(dark, _DARK, 0.7))}}}}}"
    )


def contrast(one: Colour, other: Colour) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _readable(colour: Colour, paper: Colour, towards: Colour) -> Colour:
    share = 0.0
    while contrast(_mixed(colour, towards, share), paper) < _READABLE:
        share += _STEP
    return _mixed(colour, towards, share)


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * min(1.0, share)) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _luminance(colour: Colour) -> float:
    parts = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)
