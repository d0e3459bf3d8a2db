"""Train, show and forget the model of no-shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import typer

import pipeline
import queries
from pipeline.cli.exits import say
from pipeline.cli.json_output import print_json
from pipeline.cli.terminal import showing_steps
from pipeline.predicting.library import can_train
from pipeline.printable import printable
from pipeline.store.verification import require_sound
from queries.errors import InputNotFound

_LAST = "9998-12-31"


def train(table_format: str, as_of: str | None, wait: float, db: Path | None) -> None:
    """Train and print the card. Raises `InputNotFound` if there is no database: training would make an empty one."""
    queries.connect(db).close()
    with showing_steps("model") as step, pipeline.open_store(db, wait=wait) as store:
        step("training")
        card = pipeline.train_model(store, as_of)
    _print(card, table_format)


def show(table_format: str, db: Path | None) -> None:
    """Print the card. Raises `InputNotFound` if no model was trained."""
    with closing(queries.connect(db)) as con:
        require_sound(con)
        card, last = queries.model_card(con), queries.model_card(con, _LAST)
    if card is None and last is not None:
        raise InputNotFound(
            "model.later",
            f"the model was trained as of {last['as_of']}, and is of no use before",
            "Run `noshow model train` for one as of now",
        )
    if card is None:
        raise InputNotFound("model.none", "no model was trained", "Run `noshow model train`")
    _print(card, table_format)


def forget(wait: float, db: Path | None) -> None:
    """Forget, and say whether there was a model."""
    queries.connect(db).close()
    with pipeline.open_store(db, wait=wait) as store:
        typer.echo("model forgotten" if pipeline.forget_model(store) else "no model was trained")


def train_again(db: Path | None, wait: float) -> None:
    """Train again after an erasure, which removed a model that had learnt from the erased bookings; say so."""
    if not can_train():
        say("the model of no-shows had learnt from the contact and is forgotten; `noshow model train` trains it again")
        return
    with pipeline.open_store(db, wait=wait) as store:
        pipeline.train_model(store)
    say("the model of no-shows was trained again without the contact")


def _print(card: Mapping[str, Any], table_format: str) -> None:
    if table_format == "json":
        print_json(card)
        return
    for line in card_lines(card):
        typer.echo(printable(line, limit=2_000))


def card_lines(card: Mapping[str, Any]) -> Iterator[str]:
    """The card in lines of text."""
    data, judged = card["data"], card["judged"]
    yield f"{'Licensed' if card['licensed'] else 'Not licensed'}: {card['verdict']}."
    yield f"Trained {card['trained_at']} on {_period(data)}."
    yield f"Uses {', '.join(each['meaning'] for each in card['features']) or 'nothing'}."
    for each in card["left_out"]:
        yield f"Leaves out {each['meaning']}: {each['reason']}."
    if not judged:
        return
    yield f"Judged on {_period(judged)}, by models of the bookings before."
    for name, words in (("log_loss", "Log loss"), ("brier", "Brier score")):
        gain = judged[name]
        yield (
            f"{words}: {gain['model']:.4f}, of the rates of service and lead time {gain['rates']:.4f}; better by "
            f"{gain['gain']:.4f} ({_interval(gain)})."
        )
    slope = judged["slope"]
    yield f"Calibration slope: {'unknown' if slope is None else f'{slope:.2f}'} (1 is right)."
    for tenth in judged["curve"]:
        rate = tenth["no_shows"] / tenth["bookings"]
        yield f"  risk {tenth['risk']:.1%}: {tenth['no_shows']:,} of {tenth['bookings']:,} missed, {rate:.1%}"
    for group in card["groups"]:
        yield f"  {_group(group)}"
    for group in card["wrong_for"]:
        yield f"Wrong for {_group(group)}."
    if not card["wrong_for"]:
        yield "It is not found to be wrong for any group."


def _interval(gain: Mapping[str, Any]) -> str:
    """The interval of a gain, which bookings of one person or of one session do not have."""
    if gain["gain_low"] is None:
        return "95 % interval unknown: they are all of one person or session"
    return f"95 % interval {gain['gain_low']:.4f} to {gain['gain_high']:.4f}"


def _period(part: Mapping[str, Any]) -> str:
    if not part["bookings"]:
        return "no bookings"
    return f"{part['bookings']:,} bookings from {part['first']} to {part['last']}, {part['no_shows']:,} of them missed"


def _group(group: Mapping[str, Any]) -> str:
    level = "without a value" if group["level"] is None else group["level"]
    return (
        f"{group['feature']} {level}: {group['no_shows']:,} no-shows of {group['bookings']:,} bookings, "
        f"{group['expected']:,} expected; log loss {group['log_loss']:.4f}, "
        f"of the rates {group['log_loss_of_rates']:.4f}"
    )
