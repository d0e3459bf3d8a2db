"""`noshow.toml` and the environment go in; the settings in force come out.

The environment wins over the file: `NOSHOW_SITE_ZONE=Europe/Dublin` over `site_zone = "Europe/Dublin"`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from zoneinfo import available_timezones

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from queries.errors import DataRefused

SETTINGS_FILE = Path("noshow.toml")


class Settings(BaseSettings):
    """What an operator may set. Only what was set goes into a database that exists already."""

    model_config = SettingsConfigDict(env_prefix="NOSHOW_", toml_file=SETTINGS_FILE, extra="forbid", frozen=True)

    site_zone: str = Field("UTC", description="IANA zone used where a session names none")
    currency: str | None = Field(None, description="currency of the site, such as EUR")
    grace_hours: int = Field(24, ge=0, description="hours after its end until a session is due")
    late_hours: int = Field(24, ge=0, description="a cancellation this near to the start is late")
    contradictions: Literal["flag", "quarantine"] = Field(
        "flag", description="attended by nobody, or not attended by two or more"
    )
    more_than_booked: Literal["flag", "quarantine"] = Field("flag", description="more attendees than were booked")

    @field_validator("site_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f"no time zone is called {zone!r}")
        return zone

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments before the environment before the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def read_settings() -> Settings:
    """The settings in force. Raises `DataRefused` in one line that names the setting."""
    try:
        return Settings.model_validate({})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise DataRefused(
            "settings.wrong",
            f"setting {name}: {first['msg']}",
            f"Correct {SETTINGS_FILE} or NOSHOW_{name.upper()}",
        ) from None
    except ValueError as error:
        raise DataRefused("settings.wrong", f"{SETTINGS_FILE}: {error}", "Correct the file") from None
