"""The days ahead over a large database: training a model, and scoring bookings by it.

    python tests/bench/ahead.py FOLDER [--size 1000000]

Prints CPU seconds and the peak of memory of each step, in processes of their own. Run it from the folder `tests` or
with it on the path: the bookings are made up by `support/simulated_ahead.py`. Figures are kept in
`tests/stress/RESULTS-ahead.md`.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

import pipeline
import queries
from pipeline.store.content_state import take_states

AS_OF = "2025-12-29T00:00:00Z"
_BOOKINGS = """
    insert into booking by name
    select
        booking_id::uuid as id, 'slot' as booked_entity, session_id as event_id, session_id as session_key,
        service_id::uuid as service_id, service as service_name, service_type, location_id, location as location_name,
        staff_id, staff as staff_name, participant_id as contact_id, starts_at, ends_at, time_zone, created_at,
        booking_status as status, booked as participants, marks, weight, attributes, 1 as load_id
    from made
"""
_MARKS = """
    insert into attendance by name
    select
        uuid() as id, booking_id::uuid as booking_id, session_id as event_id, session_id as session_key,
        attendance_status as status, 1 as number_of_attendees, 1 as load_id
    from made
    where attendance_status is not null
"""
_SCORED = f"""
    select count(*)
    from (
        select booking_id, session_id, 1 / (1 + exp(-sum(f.value * w.weight))) as risk
        from (
            select booking_id, session_id, unnest(risk_features(p), recursive := true)
            from known_before_at(timestamp '{AS_OF[:10]}') as p
        ) as f
        join internal.risk_weight as w on w.feature = f.feature and w.level = f.level
        group by all
    )
"""


def make(db: Path, size: int) -> None:
    """Write a database of about so many past bookings, and a tenth as many ahead."""
    from support.simulated_ahead import Truth, sample

    truth = Truth(persons=1.0, hours=0.3, attribute=0.5, sessions=0.3)
    rng, a_week = np.random.default_rng(1), max(1, size // 20_800)
    made = sample(rng, truth, services=20, weeks=104, weeks_ahead=10, a_week=a_week, size=10, contacts=size // 16)
    with pipeline.open_store(db) as store:
        store.connection.register("made", made.rows)
        with store.transaction():
            store.connection.execute(_BOOKINGS)
            store.connection.execute(_MARKS)
            take_states(store.connection)
        store.has_loaded = True


def train(db: Path) -> str:
    """Train, without the time of opening and publishing."""
    with pipeline.open_store(db) as store:
        began = time.process_time()
        card = pipeline.train_model(store, AS_OF)
        took, peak = time.process_time() - began, _peak()
    return f"trained on {card['data']['bookings']:,}: {took:.1f} CPU s, {peak:,} MB; licensed {card['licensed']}"


def score(db: Path) -> str:
    """Score every booking, past and ahead, with the reading of its facts."""
    with queries.connect(db) as con:
        began = time.process_time()
        ((bookings,),) = con.execute(_SCORED).fetchall()
        took = time.process_time() - began
    return f"scored {bookings:,}: {took:.1f} CPU s, {bookings / took:,.0f} a second, {_peak():,} MB"


def ahead(db: Path) -> str:
    """The bookings ahead, and the sessions of a week."""
    with queries.connect(db) as con:
        began = time.process_time()
        bookings = queries.upcoming_bookings(con, as_of=AS_OF).height
        middle = time.process_time()
        sessions = queries.upcoming_sessions(con, days=7, as_of=AS_OF).height
        last = time.process_time()
    return f"{bookings:,} bookings ahead: {middle - began:.1f} CPU s; {sessions:,} sessions: {last - middle:.1f} CPU s"


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 1_000_000


def main() -> None:
    """Make the database, and run each step alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--step", choices=["make", "train", "score", "ahead"])
    options = parser.parse_args()
    db = options.folder / "attendance.duckdb"
    if options.step:
        steps = {"train": train, "score": score, "ahead": ahead}
        print(steps[options.step](db) if options.step in steps else make(db, options.size) or "made")
        return
    for step in ("make", "train", "score", "ahead"):
        command = [sys.executable, __file__, str(options.folder), "--size", str(options.size), "--step", step]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
