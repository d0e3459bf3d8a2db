"""Read the settings from `noshow.toml` and the environment, and report where each of them comes from."""

from __future__ import annotations

from pydantic import ValidationError

from pipeline.settings.model import Settings
from pipeline.settings.places import in_environment, in_file, variable_of
from pipeline.settings_file import NAME, settings_file
from queries.errors import DataRefused

# Our words for errors that Pydantic describes in the words of a programmer.
_WORDS = {
    "extra_forbidden": "no setting has this name",
    "tuple_type": "expected a list",
    "dict_type": "expected a table of names and values",
    "model_type": "expected a table of names and values",
}


def read_settings() -> Settings:
    """Read the settings. Raises `DataRefused` in one line that names the setting that is wrong."""
    try:
        return Settings.model_validate({})
    except ValidationError as error:
        first = error.errors()[0]
        # Pydantic puts the prefix before the messages of our own validators.
        message = _WORDS.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise _refused(first["loc"], message) from None


def _refused(place: tuple[int | str, ...], message: str) -> DataRefused:
    """The error for a place in the settings, or for the whole file if there is no place."""
    if not place:
        return DataRefused("settings.wrong", f"{settings_file() or NAME}: {message}", "Correct the file")
    name = ".".join(map(str, place))
    hint = f"Correct {settings_file() or NAME} or {variable_of(str(place[0]))}"
    return DataRefused("settings.wrong", f"setting {name}: {message}", hint)


def origins() -> dict[str, str]:
    """The source of each setting: `default`, the path of the file or the name of its environment variable."""
    return (
        dict.fromkeys(Settings.model_fields, "default")
        | dict.fromkeys(in_file(), str(settings_file()))
        | {name: variable_of(name) for name in in_environment(Settings.model_fields)}
    )
