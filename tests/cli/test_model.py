"""The model as an operator has it: trained, shown, forgotten, and gone with an erased person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.fixtures import Run

import queries
from pipeline.cli import model
from pipeline.predicting import library
from queries.errors import UsageError
from queries.installed import how_to_install

ROOT = Path(__file__).parents[2]
AS_OF = ("--as-of", "2026-06-27T00:00:00Z")


def test_a_model_is_trained_shown_and_forgotten(noshow: Run) -> None:
    missing = noshow("model", "show")
    assert (missing.returncode, missing.stderr) == (66, "noshow: no model was trained. Run `noshow model train`\n")
    made = noshow("model", "train", *AS_OF)
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("Not licensed: too few outcomes to judge a model")
    assert noshow("model", "show").stdout == made.stdout
    card = json.loads(noshow("model", "show", "--format", "json").stdout)
    assert (card["licensed"], card["as_of"]) == (False, "2026-06-27T00:00:00Z")
    assert "too few outcomes" in noshow("upcoming", *AS_OF).stderr
    assert noshow("model", "forget").stdout == "model forgotten\n"
    assert noshow("model", "forget").stdout == "no model was trained\n"


@pytest.mark.long
def test_features_are_left_out_by_the_setting(noshow: Run) -> None:
    card = json.loads(noshow("model", "train", *AS_OF, "--format", "json", NOSHOW_MODEL_LEAVE_OUT='["staff"]').stdout)
    assert {"name": "staff", "meaning": "staff", "reason": "left out by the setting model_leave_out"} in card[
        "left_out"
    ]
    refused = noshow("model", "train", NOSHOW_MODEL_LEAVE_OUT='["moon"]')
    assert refused.returncode == 2
    assert "'moon' is not a feature" in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.long
def test_a_model_of_a_later_moment_is_there_and_of_no_use_yet(noshow: Run) -> None:
    assert noshow("model", "train", "--as-of", "2099-01-01").returncode == 0
    shown = noshow("model", "show")
    assert shown.returncode == 66
    assert shown.stderr.startswith("noshow: the model was trained as of 2099-01-01T23:59:59Z, and is of no use before")
    assert "may have learnt from these records" in noshow("unload", "1").stderr
    assert noshow("model", "forget").stdout == "model forgotten\n"
    assert "model" not in noshow("unload", "2").stderr


@pytest.mark.long
def test_an_erased_person_is_gone_from_the_model(noshow: Run, sample_folder: Path) -> None:
    before = json.loads(noshow("model", "train", *AS_OF, "--format", "json").stdout)
    with queries.connect(sample_folder / "attendance.duckdb") as con:
        text = "select participant_id from booked_session_at(timestamp '2026-06-27') where is_rated limit 1"
        ((contact,),) = con.execute(text).fetchall()
    erased = noshow("erase", "--contact", contact, "--json")
    assert json.loads(erased.stdout)["model_forgotten"]
    assert "the model of no-shows was trained again without the contact" in erased.stderr
    after = json.loads(noshow("model", "show", "--format", "json").stdout)
    assert after["data"]["bookings"] >= before["data"]["bookings"]


def test_a_database_is_not_made_by_training(noshow: Run, sample_folder: Path) -> None:
    result = noshow("model", "train", "--db", "none.duckdb")
    assert result.returncode == 66
    assert not (sample_folder / "none.duckdb").exists()


def test_without_the_library_it_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(library, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="scikit-learn is not installed") as refused:
        library.require_library()
    assert refused.value.hint == how_to_install("model")
    model.train_again(Path("nowhere.duckdb"), 0)
    assert "is forgotten; `noshow model train` trains it again" in capsys.readouterr().err
