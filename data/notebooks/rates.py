"""The no-show rate by service and by week, from the demo's database: `noshow demo`, then `marimo edit` this file."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="No-show rates")


@app.cell
def _():
    import os

    import altair as alt
    import marimo as mo

    import queries

    return alt, mo, os, queries


@app.cell
def _(mo, os, queries):
    database = os.environ.get("NOSHOW_DB", "data/demo/attendance.duckdb")
    con = queries.connect(database)  # read-only
    mo.md(f"# No-show rates\n\nof `{database}`: the bookings marked as not attended, of all that are marked.")
    return (con,)


@app.cell
def _(con, queries):
    by_service = queries.no_show_rates(con, by="service")
    by_service.select("service", "bookings", "marked_bookings", "no_shows", "no_show_rate", "too_few")
    return (by_service,)


@app.cell
def _(alt, con, queries):
    by_week = queries.no_show_rates(con, by="week")
    course = (
        alt.Chart(by_week.select("week", "no_show_rate", "no_show_rate_low", "no_show_rate_high"))
        .mark_errorband()
        .encode(
            x=alt.X("week:T", title=None),
            y=alt.Y("no_show_rate_low:Q", title="no-show rate, 95 % interval", axis=alt.Axis(format="%")),
            y2="no_show_rate_high:Q",
        )
    )
    course + alt.Chart(by_week.select("week", "no_show_rate")).mark_line().encode(x="week:T", y="no_show_rate:Q")
    return (by_week,)


@app.cell
def _(by_service, by_week, mo):
    unsaid = by_service.filter("too_few").height
    mo.md(f"{by_week.height} weeks, {by_service.height} services, {unsaid} of them with too few marks to say a rate.")


if __name__ == "__main__":
    app.run()
