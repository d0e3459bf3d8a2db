"""Settings: read from the file and the environment, held to their bounds, and refused in one line if they are wrong."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

import queries
from pipeline.settings import PolicyDate, Settings, origins, read_settings
from queries.errors import DataRefused

POLICY = "policy_dates = [{{date = {}, what = 'x'{}}}]"
FILE = """
site_zone = "Europe/Dublin"
min_bookings = 20
enough_coverage = 1
full_class_risk = 0.1
pseudonym_key = "a secret"
brand_name = " Harbour Yoga "
brand_colour = "#1A7f5a"
policy_dates = [
    {date = 2026-03-01, what = "reminders by SMS"},
    {date = 2025-09-15, what = "a fee"},
]

[prices]
Yoga = 12.10
"Aerial yoga" = "18"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_everything_can_be_set_in_the_file(folder: Path) -> None:
    (folder / "noshow.toml").write_text(FILE)
    settings = read_settings()
    assert settings.prices == {"Yoga": Decimal("12.1"), "Aerial yoga": Decimal(18)}
    assert (settings.min_bookings, settings.enough_coverage, settings.full_class_risk) == (20, 1.0, 0.1)
    assert (settings.brand_name, settings.brand_colour) == ("Harbour Yoga", "#1A7f5a")
    assert settings.pseudonym_key
    assert settings.pseudonym_key.get_secret_value() == "a secret"
    assert "a secret" not in repr(settings)
    assert settings.policy_dates == (
        PolicyDate(date=dt.date(2025, 9, 15), what="a fee"),
        PolicyDate(date=dt.date(2026, 3, 1), what="reminders by SMS"),
    )


def test_the_environment_wins_and_lists_are_json_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "noshow.toml").write_text(FILE)
    monkeypatch.setenv("NOSHOW_PRICES", '{"Yoga": 0.1}')
    monkeypatch.setenv("NOSHOW_POLICY_DATES", '[{"date": "2026-01-02", "what": "a fee"}]')
    monkeypatch.setenv("NOSHOW_GRACE_HOURS", "5")
    settings = read_settings()
    assert settings.prices == {"Yoga": Decimal("0.1")}
    assert settings.policy_dates == (PolicyDate(date=dt.date(2026, 1, 2), what="a fee"),)
    origin = origins()
    assert {name: origin[name] for name in ("prices", "grace_hours", "site_zone", "late_hours")} == {
        "prices": "NOSHOW_PRICES",
        "grace_hours": "NOSHOW_GRACE_HOURS",
        "site_zone": "noshow.toml",
        "late_hours": "default",
    }
    assert set(origin) == set(Settings.model_fields)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("min_bookings = 0", "setting min_bookings: Input should be greater than or equal to 1"),
        ("enough_coverage = 1.01", "enough_coverage"),
        ("enough_coverage = nan", "enough_coverage"),
        ("full_class_risk = 0", "full_class_risk"),
        ("full_class_risk = 1", "full_class_risk"),
        ("turned_away_cost = 5", "set both empty_seat_cost and turned_away_cost, or neither"),
        ("turned_away_cost = -1", "setting turned_away_cost: Input should be greater than or equal to 0"),
        ("prices = 5", "setting prices: expected a table"),
        ("prices = {Yoga = -1}", "setting prices.Yoga: Input should be greater than or equal to 0"),
        ("prices = {Yoga = 0.00001}", "setting prices.Yoga"),
        ("prices = {Yoga = inf}", "setting prices.Yoga"),
        ("prices = {' ' = 1}", "setting prices: a price without the name"),
        ("prices = {Yoga = 1, yoga = 2}", "'Yoga' and 'yoga' are the same service"),
        ("prices = '{'", "setting prices: not JSON at line 1, column 2"),
        ("brand_colour = 'green'", "'green' is not a colour such as #1a7f5a"),
        ("brand_colour = '#1a7f5a0'", "is not a colour"),
        ("brand_name = ' '", "brand_name"),
        ("pseudonym_key = ' '", "a key must not be empty"),
        ("policy_dates = {}", "setting policy_dates: expected a list"),
        ("policy_dates = [3]", "setting policy_dates.0: expected a table"),
        ("policy_dates = [{date = 2026-03-01}]", "setting policy_dates.0.what: Field required"),
        (POLICY.format("'soon'", ""), "setting policy_dates.0.date"),
        (POLICY.format("2026-03-01", ", why = 'y'"), "setting policy_dates.0.why: no setting"),
        (
            POLICY.format("2026-03-01", ", locations = ['A'], services = ['B']"),
            "setting policy_dates.0.services: name the locations that changed, or the services, not both",
        ),
        ("graze_hours = 3", "setting graze_hours: no setting has this name"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(folder: Path, line: str, words: str) -> None:
    (folder / "noshow.toml").write_text(line)
    with pytest.raises(queries.DataRefused) as caught:
        read_settings()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert f"NOSHOW_{line.split()[0].upper()}" in caught.value.hint


@pytest.mark.parametrize("content", [b"grace_hours = ", b"brand_name = '\xff'", b"[prices"])
def test_a_file_that_cannot_be_read_is_told(folder: Path, content: bytes) -> None:
    (folder / "noshow.toml").write_bytes(content)
    with pytest.raises(queries.DataRefused, match=r"^noshow\.toml: .*\. Correct the file$"):
        read_settings()


def test_a_wrong_key_is_not_printed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "noshow.toml").write_text("pseudonym_key = 8231")
    with pytest.raises(queries.DataRefused) as caught:
        read_settings()
    assert "pseudonym_key" in str(caught.value)
    assert "8231" not in str(caught.value)


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_file_is_read_as_any_editor_saves_it(folder: Path, encoding: str, newline: str) -> None:
    (folder / "noshow.toml").write_bytes(FILE.replace("Harbour", "Häfen").replace("\n", newline).encode(encoding))
    assert read_settings().brand_name == "Häfen Yoga"
    assert origins()["prices"] == "noshow.toml"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'grace_hours = 1\nbrand_name = "H\xe4fen"\n', "line 2 is not UTF-8"),
        (b"grace_hours = 1\n\nbrand_name = ", "line 3"),
        (b"grace_hours = 1\n[prices]\nYoga == 2\n", "line 3"),
        ("grace_hours = 1\nbrand_name".encode("utf-16"), "line 2"),
        ("grace_hours = 1\nx".encode("utf-16")[:-1], "line 2 is not UTF-16"),
        (b"x = " + b"[" * 100_000, "nested too deeply"),
        (b"\xff\xfe\xff", "line 1"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(folder: Path, data: bytes, words: str) -> None:
    (folder / "noshow.toml").write_bytes(data)
    with pytest.raises(queries.DataRefused) as caught:
        read_settings()
    assert (str(caught.value).count("\n"), words in str(caught.value)) == (0, True), str(caught.value)
    assert str(caught.value).startswith("noshow.toml: not valid TOML")


def test_every_number_has_a_least_and_a_most() -> None:
    # A number beyond those that dates and columns can hold would fail long after it was set.
    numbers = {name: field for name, field in Settings.model_fields.items() if field.annotation in (int, float)}
    assert len(numbers) > 5
    for name, field in numbers.items():
        given = {type(bound).__name__ for bound in field.metadata}
        assert given & {"Ge", "Gt"}, name
        assert given & {"Le", "Lt"}, name


@pytest.mark.parametrize("name", Settings.model_fields)
def test_bytes_of_the_environment_that_are_not_utf8_are_told(
    monkeypatch: pytest.MonkeyPatch, folder: Path, name: str
) -> None:
    monkeypatch.setenv(f"NOSHOW_{name.upper()}", b"\xed\xa0\x80".decode("utf-8", "surrogateescape"))
    with pytest.raises(DataRefused, match=f"setting {name}: ") as refused:
        read_settings()
    assert str(refused.value).isprintable()


def test_arguments_win_over_the_environment_whatever_case_it_is_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "noshow.toml").write_text("grace_hours = 1\nlate_hours = 2\nmin_bookings = 3")
    monkeypatch.setenv("noshow_late_hours", "4")
    monkeypatch.setenv("NOSHOW_MIN_BOOKINGS", "5")
    settings = Settings(min_bookings=6)
    assert (settings.grace_hours, settings.late_hours, settings.min_bookings) == (1, 4, 6)
    assert settings.model_fields_set == {"grace_hours", "late_hours", "min_bookings"}


def test_an_empty_variable_is_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOSHOW_BRAND_NAME", "")
    with pytest.raises(DataRefused, match="brand_name"):
        read_settings()


def test_each_default_is_one_that_may_be_set() -> None:
    """Defaults are not validated when the settings are read."""
    defaults = {name: field.get_default(call_default_factory=True) for name, field in Settings.model_fields.items()}
    assert Settings.model_validate(defaults) == Settings()
