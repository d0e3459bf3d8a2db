"""Plant 500 differences between noshow and other systems, and print how many noshow names: RESULTS-reconcile.md.

PYTHONPATH=tests python tests/stress/reconcile.py
"""

from __future__ import annotations

import time

from support.planted_differences import measured

SEEDS, BOOKINGS, PARTS, ERRORS = range(6_000, 6_025), 5_000, (1, 2) * 10, 8
OUTCOMES = ("right", "in part", "several", "same", "none", "wrong")


def main() -> None:
    began = time.process_time()
    found = measured(SEEDS, BOOKINGS, PARTS, ERRORS)
    ways = list(dict.fromkeys(way for way, _ in found))
    print("| asked by | " + " | ".join(OUTCOMES) + " |")
    print("|---|" + "---|" * len(OUTCOMES))
    for way in ways:
        print(f"| {way} | " + " | ".join(str(found[way, outcome]) for outcome in OUTCOMES) + " |")
    print(f"\n{len(SEEDS) * len(PARTS)} differences in {time.process_time() - began:.0f} CPU s")


if __name__ == "__main__":
    main()
