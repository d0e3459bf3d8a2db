"""Personal texts: ids, names and e-mails are found in any spelling, and not in the texts of others."""

from __future__ import annotations

import json

import pytest

from pipeline.people.personal_text import a_name, a_text, an_id, contacts_in, is_cut_within, plain, tokens, without
from reports.scope.pseudonyms import participant_namer

WITH_ADA = "b6419c6a-9e44-5d09-803d-8b09ada06dc7"
GUID = "b6419c6a-9e44-5d09-803d-8b0f45406dc7"


@pytest.mark.parametrize(
    ("sought", "said"),
    [
        (an_id(GUID), f"contact_{GUID.upper()}x"),
        (an_id("cust-17"), "exports/cust-17_2026.csv"),
        (a_name("José Núñez"), "JOSE\u0301 NÚÑEZ"),
        (a_name("José Núñez"), r'{"name":"Jos\u00e9 N\u00FA\u00f1ez"}'),
        (a_name("Emma Adler"), "exports/emma_adler2026.csv"),
        (a_name("Emma Adler"), "Emma;;Adler"),
        (a_name("😀 李"), r"of \ud83d\ude00 李"),
        (a_text("emma@example.com"), "<EMMA@example.com>"),
        (a_text("+353 86 123 4567"), "353861234567"),
        (a_text("086-1234567"), "(086) 123 45 67"),
    ],
)  # fmt: skip
def test_a_text_that_tells_the_person(sought: object, said: str) -> None:
    assert sought.found_in(plain(said))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("sought", "said"),
    [
        (an_id("17"), "2026-03-17T17:30"),
        (an_id("100000001"), "1000000012"),
        (a_name("Al"), "Alma and Sal"),
        (a_name("Pat Doe"), "Pat Doerr"),
        (a_text("ann@example.com"), "joann@example.com, mary.ann@example.com"),
        (a_text("5550001"), "15550001"),
        (a_name("Ada"), f"of {WITH_ADA}"),
        (a_name("Ada"), f'"sha256":"{32 * "1"}9ada4{27 * "2"}"'),
        (a_text("4000 8000"), "00000001-0000-4000-8000-000000000000"),
    ],
)
def test_a_text_that_tells_somebody_else(sought: object, said: str) -> None:
    assert not sought.found_in(plain(said))  # type: ignore[attr-defined]


def test_the_values_of_a_record() -> None:
    said = plain(json.dumps({"id": GUID, "contact": 17, "at": "17:30", "note": f"of {GUID}, Zoë@x.example."}))
    assert {GUID, "17", "17:30", "zoë@x.example"} <= tokens(said)
    assert "30" not in tokens(said)
    assert tokens('a-1;"x 7";\t8') >= {"a-1", "x 7", "8"}


def test_a_text_keeps_the_rest() -> None:
    sought = (an_id(GUID), a_name("Al"))
    assert without(f"in/Al/Alma/{GUID}.csv", sought) == "in/erased/Alma/erased.csv"
    assert without(f"Ada's {WITH_ADA} of ada1990", (a_name("Ada"),)) == f"erased's {WITH_ADA} of erased1990"
    assert without(WITH_ADA, (an_id(WITH_ADA), a_name("Ada"))) == "erased"
    decomposed = "Jose\u0301.csv"
    assert without(decomposed, sought) is decomposed


def test_an_end_that_is_cut() -> None:
    assert is_cut_within(plain(f'{{"contactId":"{GUID[:20]}\ufffd'), (an_id(GUID),))
    assert not is_cut_within(f'{{"contactId":"{GUID[:4]}', (an_id(GUID),))


def test_contacts_of_a_record_however_deep() -> None:
    inner = {"_id": "b-1", "contactDetails": {"contactId": "c-1", "firstName": "Al", "phone": 5550001, "email": ""}}
    (contact,) = contacts_in(json.dumps({"booking": [inner], "contactDetails": "none"}))
    assert (contact.booking_id, contact.contact_id, contact.name, contact.email, contact.phone) == (
        "b-1",
        "c-1",
        "Al",
        None,
        "5550001",
    )
    assert contacts_in("[" * 100_000) == contacts_in('{"contactDetails":') == []


def test_a_contact_without_id_is_called_nobody_in_particular() -> None:
    assert participant_namer(True, "key")(None, None) == "nobody known"
