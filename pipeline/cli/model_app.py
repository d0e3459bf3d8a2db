"""The subcommands of `noshow model`, each a thin edge around a public function."""

from __future__ import annotations

import typer

from pipeline.cli.logs import command
from pipeline.cli.options import AsOf, Db, OutputFormat, Wait

model_app = typer.Typer(
    name="model",
    help="Train a model of no-shows, show its card, or forget it.",
    no_args_is_help=True,
)


@command(model_app)
def train(table_format: OutputFormat = "table", as_of: AsOf = None, wait: Wait = 0, db: Db = None) -> None:
    """Train a model on past bookings and print its card. It is used if it does better than plain rates.

    Needs scikit-learn, which the optional part `model` brings; without it the error says how to install that.
    """
    from pipeline.cli.model import train

    train(table_format, as_of, wait, db)


@command(model_app)
def show(table_format: OutputFormat = "table", db: Db = None) -> None:
    """Print the card of the model: the records it learnt from, how it was judged, for whom it is wrong."""
    from pipeline.cli.model import show

    show(table_format, db)


@command(model_app)
def forget(wait: Wait = 0, db: Db = None) -> None:
    """Remove the model. The rates of service and lead time are used again."""
    from pipeline.cli.model import forget

    forget(wait, db)
