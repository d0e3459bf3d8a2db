"""Read the settings from `noshow.toml` and the environment, and store them in the database's table `site`.

The environment wins over the file: `NOSHOW_SITE_ZONE=Europe/Dublin` over `site_zone = "Europe/Dublin"`.
"""

from __future__ import annotations

from pipeline.settings.model import PolicyDate, Settings
from pipeline.settings.reading import origins, read_settings

__all__ = ["PolicyDate", "Settings", "origins", "read_settings"]
