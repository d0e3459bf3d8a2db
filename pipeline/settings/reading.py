"""The environment and `noshow.toml` go in; the settings in force come out, and where each of them comes from."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource, TomlConfigSettingsSource

from pipeline.settings.model import SETTINGS_FILE, Settings
from queries.errors import DataRefused

# Where Pydantic's words are those of a programmer.
_SAID = {
    "extra_forbidden": "no setting has this name",
    "tuple_type": "expected a list",
    "dict_type": "expected a table of names and values",
    "model_type": "expected a table of names and values",
}


def read_settings() -> Settings:
    """The settings in force. Raises `DataRefused` in one line that names the setting."""
    try:
        return Settings.model_validate({})
    except ValidationError as error:
        first = error.errors()[0]
        # Pydantic puts the prefix before what our own validators say.
        message = _SAID.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise _refused(first["loc"], message) from None


def _refused(place: tuple[int | str, ...], message: str) -> DataRefused:
    """The error at a place within the settings; at none where the file as a whole cannot be read."""
    if not place:
        return DataRefused("settings.wrong", f"{SETTINGS_FILE}: {message}", "Correct the file")
    name = ".".join(map(str, place))
    hint = f"Correct {SETTINGS_FILE} or {_variable(str(place[0]))}"
    return DataRefused("settings.wrong", f"setting {name}: {message}", hint)


def origins() -> dict[str, str]:
    """Setting -> where its value comes from: `default`, `noshow.toml` or the variable's name in the environment."""
    from_file, from_environment = TomlConfigSettingsSource(Settings)(), EnvSettingsSource(Settings)()
    return (
        dict.fromkeys(Settings.model_fields, "default")
        | {name: str(SETTINGS_FILE) for name in from_file}
        | {name: _variable(name) for name in from_environment}
    )


def _variable(name: str) -> str:
    return f"NOSHOW_{name.upper()}"
