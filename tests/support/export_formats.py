"""The exports of known systems, each as a way of writing visits."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from support.export_layouts import (
    ARRIVALS,
    BOTH,
    NO_SHOWS,
    Booking,
    Locale,
    Visit,
    Writer,
    bookings_of,
    flat,
    line,
    table,
)


def _wix(v: Visit, x: Locale) -> dict[str, str]:
    return {
        "Session date": x.date(v.start),
        "Start time": x.clock(v.start),
        "Registration date": x.date(v.booked),
        "Booking contact name": v.name,
        "Booking contact email": f"{v.number}@example.com",
        "Booking contact phone": f"'{v.number}",
        "Client address": "undefined",
        "Spots filled": "1",
        "Duration": "1h, 30m",
        "Service name": "Spin",
        "Service type": "Class",
        "Staff name": "Lu",
        "Booking status": "Canceled" if v.is_off else "Confirmed",
        "Attendance status": {True: "Attended", False: "No-show", None: "Not specified"}[v.came],
        "Payment status": "Paid",
    }


def _wix_older(v: Visit, x: Locale) -> dict[str, str]:
    return {
        "First Name": v.name,
        "Last Name": "",
        "Email": f"{v.number}@example.com",
        "Order Total": f"€{x.price(4500)}",
        "Service Name": "Spin",
        "Booking Start Time": x.moment(v.start, ", "),
        "Booking End Time": x.moment(v.start + dt.timedelta(hours=1), ", "),
        "Booking Status": "Canceled" if v.is_off else "Confirmed",
    }


def _calendly(v: Visit, x: Locale) -> dict[str, str]:
    return {
        "User Name": "Mo",
        "Invitee Name": v.name,
        "Invitee Email": f"{v.number}@example.com",
        "Event Type Name": "Intro",
        "Start Date & Time": x.moment(v.start),
        "End Date & Time": x.moment(v.start + dt.timedelta(minutes=30)),
        "Event Created Date & Time": x.moment(v.booked),
        "Canceled": str(v.is_off).lower(),
        "Marked as No-Show": "Yes" if v.came is False else "No",
    }


def _clubready(v: Visit, x: Locale) -> dict[str, str]:
    return {
        "id": v.number,
        "member_id": v.number,
        "studio_key": "north",
        "class_tag": "spin",
        "instructor_full_name": v.name,
        "level": "1",
        "canceled": "t" if v.is_off else "f",
        "reserved_for": x.moment(v.start),
        "signed_in_at": x.moment(v.start) if v.came else "",
    }


def _mindbody(v: Visit, x: Locale) -> dict[str, str]:
    return {
        "id": v.number,
        "member_id": v.name,
        "studio_key": "north",
        "class_tag": "spin",
        "viewed_at": x.moment(v.booked),
        "reserved_at": x.moment(v.booked),
        "canceled_at": x.moment(v.booked) if v.is_off else "",
        "class_time_at": x.moment(v.start),
        "checked_in_at": x.moment(v.start) if v.came else "",
    }


def _pretix(v: Visit, x: Locale) -> dict[str, str]:
    return {
        "Order code": v.number,
        "Attendee name": v.name,
        "Product": "Standard",
        "Price": x.price(1250),
        "Checked in": x.moment(v.start) if v.came else "",
        "Checked out": "",
        "Automatically checked in": "No",
        "E-mail": f"{v.number}@example.com",
        "Start date": x.moment(v.start),
        "Order date": x.date(v.booked),
    }


def _bookly(v: Visit, x: Locale) -> dict[str, str]:
    return {
        "Booking Time": x.moment(v.start),
        "Staff Member": "Pat",
        "Service": "Cut",
        "Duration": "30 min",
        "Payment": f"{x.price(4500)} Completed",
        "Customer Name": v.number + v.name,
    }


def _eventbrite(v: Visit, x: Locale) -> dict[str, str]:
    return {
        "Order #": v.number,
        "Order Date": x.moment(v.booked),
        "First Name": v.name,
        "Last Name": "",
        "Email": f"{v.number}@example.com",
        "Quantity": "1",
        "Ticket Type": "General Admission",
        "Attendee #": v.number,
        "Currency": "EUR",
        "Total Paid": x.price(1250),
        "Attendee Status": "Checked In" if v.came else "Attending",
    }


def _write_eventbrite(made: list[Visit], x: Locale, _: random.Random) -> tuple[str, bytes, Counter[Booking]]:
    """The file does not say when the event takes place."""
    bookings = Counter[Booking]((None, "CONFIRMED", "ATTENDED" if visit.came else "NOT_SET") for visit in made)
    return *table([_eventbrite(visit, x) for visit in made], x), bookings


def _calcom(v: Visit, x: Locale) -> dict[str, str]:
    who = f"{v.name} ({v.number}@example.com)"
    return {
        "id": v.number,
        "uid": f"uid{v.number}",
        "createdAt": f"{v.booked.isoformat()}.000Z",
        "timeStatus": "cancelled" if v.is_off else "completed",
        "eventTypeId": "7",
        "startTime": f"{v.start.isoformat()}.000Z",
        "endTime": f"{(v.start + dt.timedelta(minutes=30)).isoformat()}.000Z",
        "noShowHost": "false",
        "noShowGuests": who if v.came is False else "",
        "attendee1": who,
        "attendee2": "",
    }


def _zoom(made: list[Visit], x: Locale, dice: random.Random) -> tuple[str, bytes, Counter[Booking]]:
    """One meeting, with a row for each time that somebody joined."""
    start, end = made[0].start, made[0].start + dt.timedelta(minutes=65)
    rows = [
        {
            "Name (Original Name)": visit.name,
            "User Email": f"{visit.number}@example.com",
            "Join Time": x.moment(start + dt.timedelta(minutes=8 + 10 * at)),
            "Leave Time": x.moment(start + dt.timedelta(minutes=17 + 10 * at)),
            "Duration (Minutes)": "9",
            "Guest": "Yes",
        }
        for visit in made
        for at in range(dice.choice([1, 1, 3]))
    ]
    about = line(["Meeting ID", "Topic", "Start Time", "End Time", "User Email", "Duration (Minutes)"], x)
    about += line(["812", "Spin at home", x.moment(start), x.moment(end), "host@example.com", "65"], x)
    has_about = dice.random() < 0.7
    # Without the row about the meeting only its day is known.
    at = start if has_about else start.replace(hour=12, minute=0)
    joined = Counter[Booking]({(at, "CONFIRMED", "ATTENDED"): len(made)})
    return *table(rows, x, f"{about}\n" if has_about else ""), joined


def _teams_list(made: list[Visit], x: Locale, dice: random.Random) -> tuple[str, bytes, Counter[Booking]]:
    """One meeting, with a row for each time that somebody joined or left."""
    start = made[0].start
    rows = [
        {
            "Full Name": f"{visit.name} {visit.number}",
            "User Action": action,
            "Timestamp": x.moment(start + dt.timedelta(minutes=at), ", "),
        }
        for visit in made
        for at in range(dice.choice([1, 2, 5]))
        for action in ["Left" if at % 2 else dice.choice(["Joined", "Joined before"])]
    ]
    joined = Counter[Booking]({(start.replace(hour=12, minute=0), "CONFIRMED", "ATTENDED"): len(made)})
    return *table(rows, x, ""), joined


def _teams_report(made: list[Visit], x: Locale, dice: random.Random) -> tuple[str, bytes, Counter[Booking]]:
    """One meeting in three sections: about it, its people, and each time that one of them joined."""
    start = made[0].start
    ends = {at: x.moment(start + dt.timedelta(minutes=at), ", ") for at in (0, 10, 20, 65)}
    about = [["1. Summary"], ["Meeting title", "Spin"], ["Attended participants", str(len(made))]]
    about += [["Start time", ends[0]], ["End time", ends[65]], ["Meeting duration", "1h 5m"], [], ["2. Participants"]]
    rows = [
        {
            "Name": visit.name,
            "First Join": ends[0],
            "Last Leave": ends[65],
            "In-Meeting Duration": "1h 5m",
            "Email": f"{visit.number}@example.com",
            "Participant ID (UPN)": f"{visit.number}@example.com",
            "Role": "Attendee",
        }
        for visit in made
    ]
    activities = [
        ["Name", "Join Time", "Leave Time", "Duration", "Email", "Role"],
        *([v.name, ends[0], ends[10], "10m", "", "Attendee"] for v in made for _ in range(dice.choice([1, 3]))),
    ]
    suffix, content = table(rows, x, "".join(line(one, x) if one else "\n" for one in about))
    after = "\n" + line(["3. In-Meeting Activities"], x) + "".join(line(one, x) for one in activities)
    content += after.replace("\n", x.end).encode(
        x.encoding.replace("utf-8-sig", "utf-8").replace("utf-16", "utf-16-le").removesuffix("-le-le")
    )
    return suffix, content, Counter[Booking]({(start, "CONFIRMED", "ATTENDED"): len(made)})


REGISTER = {"P": "ATTENDED", "L": "ATTENDED", "A": "NOT_ATTENDED", "E": "NOT_SET", "?": "NOT_SET"}


def _moodle(made: list[Visit], x: Locale, dice: random.Random) -> tuple[str, bytes, Counter[Booking]]:
    """A register: a row for each student, a column for each session."""
    days = sorted({visit.start for visit in made})[:12]
    names = [f"{at.day} {at:%b %Y} {at.hour % 12 or 12}.{at:%M%p} All students" for at in days]
    rows, bookings = [], Counter[Booking]()
    for number in range(dice.choice([1, 5, 20])):
        marks = [dice.choice(["P (2/2)", "L (1/2)", "A (0/2)", "E (0/0)", "?", ""]) for _ in days]
        for day, mark in zip(days, marks, strict=True):
            if status := REGISTER.get(mark[:1]):
                bookings[day, "CONFIRMED", status] += 1
        points = {"Taken sessions": "2", "Points": f"2{x.decimal}0 / 4{x.decimal}0", "Percentage": f"50{x.decimal}0"}
        who = {"ID number": f"s{number}", "Last name": "Roth", "First name": f"Ana {number}"}
        rows.append(who | dict(zip(names, marks, strict=True)) | points)
    about = line([x.words.get("Course", "Course"), f"Chemistry {made[0].number}"], x) + line(
        ["Group", "All participants"], x
    )
    return *table(rows, x, f"{about}\n"), bookings


def _json(
    records: list[dict[str, Any]], outer: Callable[[list[Any]], Any], x: Locale, dice: random.Random
) -> tuple[str, bytes]:
    """The records in their document, as an array or as lines, in UTF-8 with or without a mark."""
    encoding = "utf-8-sig" if x.encoding == "utf-8-sig" else "utf-8"
    form = dice.choice(["document", "array", "lines"])
    if form == "lines":
        return "ndjson", "".join(json.dumps(one) + x.end for one in records).encode(encoding)
    document = outer(records) if form == "document" else records
    return "json", json.dumps(document, indent=dice.choice([None, 2]), ensure_ascii=False).encode(encoding)


def _mindbody_visits(made: list[Visit], x: Locale, dice: random.Random) -> tuple[str, bytes, Counter[Booking]]:
    records: list[dict[str, Any]] = [
        {
            "AppointmentId": int(visit.number),
            "AppointmentStatus": "NoShow" if visit.came is False else "Booked",
            "ClassId": 0,
            "ClientId": visit.number,
            "StartDateTime": visit.start.isoformat(),
            "EndDateTime": (visit.start + dt.timedelta(hours=1)).isoformat(),
            "Id": int(visit.number),
            "LastModifiedDateTime": f"{visit.booked.isoformat()}Z",
            "LateCancelled": visit.is_off,
            "LocationId": 1,
            "SignedIn": visit.came is True,
        }
        for visit in made
    ]
    return *_json(records, lambda all_of: {"Visits": all_of}, x, dice), bookings_of(made, BOTH)


def _cliniko(made: list[Visit], x: Locale, dice: random.Random) -> tuple[str, bytes, Counter[Booking]]:
    records: list[dict[str, Any]] = [
        {
            "id": visit.number,
            "arrived": visit.came is True,
            "did_not_arrive": visit.came is False,
            "starts_at": f"{visit.start.isoformat()}Z",
            "ends_at": f"{(visit.start + dt.timedelta(hours=1)).isoformat()}Z",
            "cancelled_at": f"{visit.booked.isoformat()}Z" if visit.is_off else None,
            "created_at": f"{visit.booked.isoformat()}Z",
        }
        for visit in made
    ]
    return *_json(records, lambda all_of: {"individual_appointments": all_of}, x, dice), bookings_of(made, BOTH)


def _fhir(made: list[Visit], x: Locale, dice: random.Random) -> tuple[str, bytes, Counter[Booking]]:
    words = {True: "fulfilled", False: "noshow", None: "booked"}
    records: list[dict[str, Any]] = [
        {
            "resourceType": "Appointment",
            "id": visit.number,
            "status": "cancelled" if visit.is_off else words[visit.came],
            "start": f"{visit.start.isoformat()}Z",
            "end": f"{(visit.start + dt.timedelta(hours=1)).isoformat()}+00:00",
        }
        for visit in made
    ]
    bundle = {"resourceType": "Bundle", "type": "searchset"}
    content = _json(records, lambda all_of: bundle | {"entry": [{"resource": one} for one in all_of]}, x, dice)
    return *content, bookings_of(made, BOTH)


FORMATS: dict[str, Writer] = {
    "wix_booking_list": flat(_wix, BOTH),
    "wix_booking_list_older": flat(_wix_older, None),
    "calcom_insights": flat(_calcom, NO_SHOWS),
    "calendly": flat(_calendly, NO_SHOWS),
    "clubready": flat(_clubready, ARRIVALS),
    "mindbody_extract": flat(_mindbody, ARRIVALS),
    "pretix_checkin": flat(_pretix, ARRIVALS, has_cancellations=False),
    "bookly": flat(_bookly, None, has_cancellations=False),
    "eventbrite_attendees": _write_eventbrite,
    "zoom_participants": _zoom,
    "teams_attendance": _teams_list,
    "teams_report": _teams_report,
    "moodle_attendance": _moodle,
    "mindbody_visits": _mindbody_visits,
    "cliniko_attendees": _cliniko,
    "fhir_appointments": _fhir,
}

# Headers in other languages: these are not recognised, and left to `mapping draft`.
TRANSLATED: dict[str, list[dict[str, str]]] = {
    "pretix_checkin": [
        {"Order code": "Bestellnummer", "Attendee name": "Name", "Product": "Produkt", "Checked in": "Eingecheckt"},
        {"Order code": "Code de commande", "Attendee name": "Nom", "Product": "Produit", "Checked in": "Enregistré"},
    ],
    "bookly": [
        {"Booking Time": "Termin", "Service": "Dienstleistung", "Customer Name": "Kundenname"},
        {"Booking Time": "Fecha y hora", "Service": "Servicio", "Customer Name": "Cliente"},
    ],
    "moodle_attendance": [
        {"Course": "Kurs", "Last name": "Nachname", "First name": "Vorname", "Taken sessions": "Erfasste Termine"},
    ],
}
