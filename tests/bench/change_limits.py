"""Write the limits of the shapes of change again, by simulation: `python tests/bench/change_limits.py` (3 minutes)."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.simulated_periods import EVEN, even_quantiles

from queries.measures.shapes import CALENDARS, PARAMETERS, Unit

TABLE = Path(__file__).parents[2] / "queries" / "measures" / "change_limits.tsv"
PERIODS: dict[Unit, tuple[int, ...]] = {
    "week": (12, 16, 24, 40, 60, 103, 104, 140, 208, 320, 520),
    "month": (12, 17, 23, 24, 36, 60, 120),
}
BOOKINGS = (10, 50, 300, 1500)
SAMPLES = 4000


def main() -> None:
    rng = np.random.default_rng(18)
    lines = ["\t".join(("unit", "season", "periods", "missed", *PARAMETERS))]
    for unit, lengths in PERIODS.items():
        for periods in lengths:
            season = "yes" if periods >= CALENDARS[unit].season_from else "no"
            for bookings in BOOKINGS:
                limits = even_quantiles(rng, unit, periods, bookings, SAMPLES)
                found = [f"{limits[shape]:.2f}" for shape in PARAMETERS]
                lines.append("\t".join((unit, season, str(periods), f"{EVEN * bookings:g}", *found)))
                print(lines[-1], flush=True)
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
