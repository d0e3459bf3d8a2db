"""The made-up chain as data: its locations, services, people and timetable."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """A location, with its time zone."""

    name: str
    zone: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service; `no_show` is the chance that a booking made a week ahead is not attended."""

    name: str
    type: str
    minutes: int
    capacity: int
    price: str
    no_show: float


@dataclass(frozen=True, slots=True)
class Slot:
    """A line of the timetable: a service on weekdays (0 is Monday) at certain times, with its location and staff.

    `demand` is its share of bookings relative to the other slots. `weeks` is the number of sessions of a course.
    """

    service: Service
    weekdays: tuple[int, ...]
    times: tuple[str, ...]
    location: Location
    staff: str
    demand: float
    weeks: int = 0


HARBOUR = Location("Harbour", "Europe/Dublin")
OLD_TOWN = Location("Old Town", "Europe/Dublin")
RIVERSIDE = Location("Riverside", "Europe/Berlin")
LOCATIONS = (HARBOUR, OLD_TOWN, RIVERSIDE)

PHYSIO = Service("Physiotherapy", "APPOINTMENT", 45, 1, "65.00", 0.07)
MASSAGE = Service("Massage", "APPOINTMENT", 60, 1, "58.00", 0.08)
COACHING = Service("Personal training", "APPOINTMENT", 60, 1, "50.00", 0.05)
YOGA = Service("Yoga", "CLASS", 60, 14, "14.00", 0.08)
SPINNING = Service("Spinning", "CLASS", 45, 16, "12.50", 0.11)
PILATES = Service("Pilates", "CLASS", 55, 12, "15.00", 0.08)
POTTERY = Service("Pottery course", "COURSE", 120, 12, "28.00", 0.09)
BACK_CARE = Service("Back care course", "COURSE", 75, 14, "19.00", 0.08)
SERVICES = (PHYSIO, MASSAGE, COACHING, YOGA, SPINNING, PILATES, POTTERY, BACK_CARE)

# Tom often forgets to mark attendance.
FORGETFUL = "Tom Byrne"
STAFF = ("Ana Reyes", FORGETFUL, "Mia Lund", "Jonas Weber", "Clara Roth", "Sean Doyle", "Ines Prat", "Lea Vogt")

_DAILY = (0, 1, 2, 3, 4)
_OFFICE = ("09:00", "10:00", "11:00", "14:00", "15:00", "16:00")
TIMETABLE = (
    Slot(PHYSIO, _DAILY, _OFFICE, HARBOUR, "Sean Doyle", 0.60),
    Slot(PHYSIO, (1, 3, 5), _OFFICE, RIVERSIDE, "Clara Roth", 0.55),
    Slot(MASSAGE, (0, 2, 4, 5), _OFFICE, OLD_TOWN, "Ines Prat", 0.45),
    Slot(COACHING, _DAILY, ("07:00", "08:00", "17:00"), RIVERSIDE, "Jonas Weber", 0.45),
    Slot(YOGA, (0, 2), ("18:30",), HARBOUR, "Ana Reyes", 9.0),
    Slot(YOGA, (1, 5), ("09:30",), HARBOUR, "Ana Reyes", 6.5),
    Slot(YOGA, (3,), ("19:00",), RIVERSIDE, "Lea Vogt", 7.0),
    Slot(SPINNING, (1, 3), ("07:00",), OLD_TOWN, FORGETFUL, 6.0),
    Slot(SPINNING, (1, 3), ("18:00",), HARBOUR, FORGETFUL, 9.5),
    Slot(SPINNING, (2,), ("17:30",), RIVERSIDE, "Jonas Weber", 6.5),
    Slot(PILATES, (0, 4), ("12:15",), OLD_TOWN, "Mia Lund", 5.5),
    Slot(PILATES, (2,), ("19:00",), RIVERSIDE, "Lea Vogt", 6.0),
    Slot(POTTERY, (2,), ("19:00",), OLD_TOWN, "Mia Lund", 9.0, weeks=10),
    Slot(BACK_CARE, (4,), ("17:00",), RIVERSIDE, "Clara Roth", 8.0, weeks=8),
)

# fmt: off
FIRST_NAMES = (
    "Aoife", "Ben", "Cara", "Dirk", "Emma", "Finn", "Greta", "Hugo", "Iris", "Jan", "Kim", "Liam", "Mara",
    "Nils", "Orla", "Paul", "Quinn", "Rosa", "Sam", "Tara", "Udo", "Vera", "Will", "Yara", "Zoe",
)
LAST_NAMES = (
    "Adler", "Byrne", "Costa", "Doyle", "Engel", "Flynn", "Graf", "Hayes", "Ivers", "Jung", "Kelly", "Lang",
    "Moran", "Nolan", "Otto", "Price", "Quill", "Ryan", "Stein", "Tobin",
)
# fmt: on


def season(day: dt.date) -> float:
    """The demand on a day: January is full of good intentions, August and Christmas are quiet."""
    if (day.month, day.day) >= (12, 22) or (day.month, day.day) <= (1, 2):
        return 0.35
    return (1.3, 1.15, 1.1, 1.0, 1.0, 0.9, 0.8, 0.65, 1.1, 1.1, 1.05, 0.9)[day.month - 1]
