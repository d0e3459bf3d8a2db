"""Colours of a brand, readable in light and dark."""

from __future__ import annotations

import re

import pytest

from queries.errors import UsageError
from reports.page.brand import brand_css, contrast


@pytest.mark.parametrize("colour", ["#ffb300", "#000000", "#ffffff", "#0b6b74", "#7f7f7f"])
def test_a_brand_can_be_read_in_light_and_dark(colour: str) -> None:
    css = brand_css(colour)
    light, dark = re.findall(r"--accent:#(\w{6})", css)
    for found, paper in ((light, (255, 255, 255)), (dark, (17, 23, 28))):
        red, green, blue = (int(found[at : at + 2], 16) for at in (0, 2, 4))
        assert contrast((red, green, blue), paper) >= 4.5
    with pytest.raises(UsageError):
        brand_css("red; } body { display: none")
