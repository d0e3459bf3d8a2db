"""Badges, sentences, funnels and tables about groups: all from one verdict, each beside its condition."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import pytest
from support import report_frames as build
from support.report_frames import draw, plain, report
from support.samples import few
from support.simulated_cells import simulate

from queries.measures.group_verdicts import GroupVerdict
from queries.measures.standardised import Standardised
from reports.data import report_data
from reports.drawing.group_names import group_name
from reports.report import Report
from reports.sections.actions.findings import AGAINST, against
from reports.sections.where.like_for_like import like_for_like_of
from reports.sections.where.verdict_words import ALIKE as ALIKE_SENTENCES
from reports.sections.where.verdict_words import (
    BADGES,
    FAMILIES,
    LIKE_FOR_LIKE,
    UNMARKED,
    Family,
    alike_in_words,
    badge,
    dot_words,
    family_in_words,
    is_slight,
    like_for_like_in_words,
)

ALIKE = Standardised("staff", "ana", 300, 1000, 250.0, 1.2, 1.1, 1.3, 0.001, 0.014, 0.8, True, 1.5, 0.0001)
ALONE = replace(ALIKE, separable=0.01, is_separable=False)
BELOW = replace(ALIKE, expected=310.0, ratio=0.97, low=0.9, high=1.05)


def verdict(
    answer: str = "not found",
    side: str | None = "more",
    is_flagged: bool = False,
    few_people: bool | None = None,
    is_explained: bool = False,
    alike: Standardised | None = ALIKE,
    family: str = "staff",
) -> GroupVerdict:
    detectable = None if answer == "not tested" else 0.04
    counts = (300, 1000, 1000, 5000)
    return GroupVerdict(
        family,
        "ana",
        answer,
        side,
        *counts,
        3.0,
        is_flagged,
        few_people,
        is_explained,
        detectable,
        alike,  # type: ignore[arg-type]
    )


POSSIBLE = [
    verdict(answer, side, is_flagged, few_people, is_explained, alike)
    for answer, side, is_flagged, few_people, is_explained, alike in product(
        ("found", "not found", "not tested"),
        ("more", "fewer"),
        (True, False),
        (True, False, None),
        (True, False),
        (ALIKE, ALONE, BELOW, None),
    )
    if (few_people is None or is_flagged)  # it is a property of a flag
    and not (answer == "not tested" and is_flagged)
    and not (is_explained and (answer != "not found" or alike is not ALIKE))
    and not (answer == "found" and side == "fewer" and (is_flagged or alike is None))
    and not (answer == "not found" and is_flagged and alike is None)
]


@pytest.mark.parametrize("each", POSSIBLE)
def test_every_verdict_makes_one_sentence_of_each_table_true(each: GroupVerdict) -> None:
    assert sum(row.is_true(each) for row in BADGES) == 1
    assert sum(row.is_true(each) for row in UNMARKED) == 1
    assert sum(row.is_true(each) for row in AGAINST) == 1
    if each.like_for_like:
        assert sum(row.is_true(each) for row in LIKE_FOR_LIKE) == 1
    said = badge(each) or ""
    of_found = (
        "more than the others",
        "more than the others; without three people it would not be",
        "slightly more than the others",
        "slightly fewer than the others",
        "fewer than the others",
        "high, but fewer than similar bookings of others",
        "low, but more than similar bookings of others",
    )
    assert (said in of_found) == (each.answer == "found")


@pytest.mark.parametrize(("side", "missed"), list(product(("more", "fewer"), (0, 100, 300, 1000))))
def test_a_badge_never_contradicts_the_rates_beside_it(side: str, missed: int) -> None:
    each = replace(verdict("found", side), missed=missed)
    said, is_higher = badge(each) or "", each.rate > each.rest_rate
    assert sum(row.is_true(each) for row in BADGES) == 1
    assert said.startswith(("high", "low")) == (is_higher != (side == "more"))
    assert said.startswith("high") <= is_higher
    family = Family("services", [("Pottery", replace(each, family="service")), ("Yoga", verdict(family="service"))])
    assert ("than similar bookings" in family_in_words(family)) == said.startswith(("high", "low"))


def test_one_family_has_one_sentence() -> None:
    lower = replace(verdict("found", "fewer"), missed=100)
    cases = {
        "Sessions led by Ana and Bo have more no-shows than the others.": {
            "Ana": verdict("found"),
            "Bo": verdict("found"),
            "Cy": verdict(),
        },
        "Sessions led by Cy have fewer no-shows than the other.": {"Cy": lower, "Bo": verdict()},
        "Sessions led by Ana have more no-shows than the other, sessions led by Cy fewer.": {
            "Ana": verdict("found"),
            "Cy": lower,
        },
        "Sessions led by Cy have fewer no-shows than similar bookings of others.": {
            "Cy": verdict("found", "fewer"),
            "Bo": verdict(),
        },
        "Sessions led by Ana have more no-shows than the other, sessions led by Cy fewer than similar bookings of "
        "others.": {
            "Ana": verdict("found"),
            "Cy": verdict("found", "fewer"),
        },
        "Compared with similar bookings, none of these members of staff is found to have more or fewer no-shows "
        "than the "
        "others. A difference of 3.0 points would be found four times out of five for Bo; for the others it would "
        "have to "
        "be larger.": {
            "Ana": verdict(),
            "Bo": replace(verdict(), detectable=0.03),
            "Cy": verdict("not tested"),
        },
        "Whether these members of staff differ was not tested: that takes two with enough bookings.": {
            "Ana": verdict(),
            "Cy": verdict("not tested"),
        },
        "Compared with similar bookings, none of these members of staff is found to have more or fewer no-shows "
        "than the "
        "other. A difference of 4.0 points would be found four times out of five.": {"Ana": verdict(), "Bo": verdict()},
        "None of these members of staff is found to have more or fewer no-shows than the other. A "
        "difference of 3.0 points would be found four times out of five for Bo; for the other it would have to be "
        "larger.": {
            "Ana": verdict(alike=None),
            "Bo": replace(verdict(alike=None), detectable=0.03),
        },
        "None of these members of staff is found to have more or fewer no-shows than the other: hardly any of their "
        "bookings are similar, so they cannot be compared.": {
            name: replace(verdict(alike=ALONE), detectable=None) for name in ("Ana", "Bo")
        },
        "Yoga, Mon; Barre, Tue have more no-shows than the others.": {
            "Yoga, Mon": replace(verdict("found", family="series"), score=4.0),
            "Barre, Tue": verdict("found", family="series"),
            "Cy": verdict(),
        },
        "A, B, C and 2 more have more no-shows than the others.": {
            name: verdict("found", family="location") for name in "ABCDE"
        },
    }
    for said, verdicts in cases.items():
        family = Family("members of staff", list(verdicts.items()))
        assert plain(family_in_words(family)) == said
        assert sum(row.is_true(family) for row in FAMILIES) == 1


def test_a_dot_has_the_words_beside_the_name_in_the_table() -> None:
    lately = "more than the others in the last 26 weeks"
    assert [dot_words(verdict(), is_lately=each) for each in (False, True)] == ["no difference found", lately]
    assert dot_words(verdict(is_flagged=True, is_explained=True), is_lately=True) == "explained by its bookings"


def test_groups_that_share_a_name_are_all_named() -> None:
    found, other = verdict("found", family="location"), verdict(family="location")
    assert plain(family_in_words(Family("locations", [("Ana", found), ("Ana", other), ("Bo", other)]))) == (
        "Ana has more no-shows than the others."
    )


@pytest.mark.parametrize(
    ("each", "said"),
    [
        (
            verdict("found"),
            (
                "Sessions led by Ana have a rate of 30.0 % (300 of 1,000); similar bookings over all have 25.0 %, "
                "so this is "
                "1.20 times as many (likely range 1.10 to 1.30)."
            ),
        ),
        (
            verdict("found", is_flagged=True, few_people=True, family="location"),
            (
                "Ana has a rate of 30.0 % (300 of 1,000); similar bookings over all have 25.0 %, so this is 1.20 "
                "times as many "
                "(likely range 1.10 to 1.30). Without the three people who missed most it would not stand out."
            ),
        ),
        (
            verdict(is_flagged=True, is_explained=True),
            (
                "Sessions led by Ana have a rate of 30.0 % (300 of 1,000), 1.50 times the rate of all. The kind of "
                "bookings "
                "explains most of that: similar bookings over all have 25.0 %."
            ),
        ),
        (
            verdict(is_flagged=True),
            (
                "Sessions led by Ana have a rate of 30.0 % (300 of 1,000), more than the others. Similar bookings "
                "over all have "
                "25.0 %, and that is too small a difference to be sure of."
            ),
        ),
        (
            verdict(is_flagged=True, alike=BELOW),
            (
                "Sessions led by Ana have a rate of 30.0 % (300 of 1,000), more than the others, but not more than "
                "similar "
                "bookings: over all those have 31.0 %."
            ),
        ),
        (
            verdict(is_flagged=True, alike=ALONE),
            (
                "Sessions led by Ana have a rate of 30.0 % (300 of 1,000), more than the others. Hardly anybody "
                "else has "
                "bookings like these, at the same times and of the same services, so it cannot be said what makes the "
                "difference."
            ),
        ),
        (verdict(), None),
        (verdict(alike=None), None),
    ],
)
def test_a_group_is_said_like_for_like(each: GroupVerdict, said: str | None) -> None:
    found = like_for_like_in_words("Ana", each)
    assert (plain(found) if found else None) == said


ALIKE_CASES = {
    "Compared with similar bookings of others, Spa and sessions led by Ana have more no-shows.": {
        "Ana": verdict("found"),
        "Spa": verdict("found", family="location"),
    },
    "Compared with similar bookings of others, Spa has fewer no-shows.": {
        "Spa": verdict("found", "fewer", family="location")
    },
    "Compared with similar bookings of others, Spa has more no-shows, sessions led by Ana fewer.": {
        "Ana": verdict("found", "fewer"),
        "Spa": verdict("found", family="location"),
    },
    "No location, service or member of staff is found to have more or fewer no-shows than similar bookings of "
    "others.": {"Ana": verdict(is_flagged=True)},
}


@pytest.mark.parametrize("said", ALIKE_CASES)
def test_the_title_of_the_table_names_those_found(said: str) -> None:
    family = Family("groups", list(ALIKE_CASES[said].items()))
    assert alike_in_words(family) == said
    assert sum(row.is_true(family) for row in ALIKE_SENTENCES) == 1


@pytest.mark.parametrize(
    ("family", "subject"),
    [
        ("service", "Bookings without a service have"),
        ("location", "Bookings without a location have"),
        ("staff", "Sessions without a named member of staff have"),
    ],
)
def test_bookings_without_a_name_are_named_by_what_they_lack(family: str, subject: str) -> None:
    name, found = group_name(family, None), verdict("found", family=family)
    assert (
        family_in_words(Family("groups", [(name, found), ("Bo", verdict())]))
        == f"{subject} more no-shows than the other."
    )
    assert (like_for_like_in_words(name, found) or "").startswith(f"{subject} a rate of 30.0")


def test_groups_of_one_outcome_are_not_said_to_be_too_small() -> None:
    untested = [("Ana", verdict("not tested")), ("Bo", verdict("not tested"))]
    said = [family_in_words(Family("locations", untested, has_one_outcome=each)) for each in (True, False)]
    assert said == [
        "Nobody missed a booking, so there is no difference to see between these locations.",
        "Whether these locations differ was not tested: that takes two with enough bookings.",
    ]


def test_a_high_rate_that_nothing_explains_is_named_beside_the_words_that_none_is_found() -> None:
    said = {
        name: plain(family_in_words(Family("members of staff", [("Tom", each), ("Bo", verdict())])))
        for name, each in {
            "alone": verdict(is_flagged=True, alike=ALONE),
            "unsure": verdict(is_flagged=True),
            "as expected": verdict(is_flagged=True, alike=BELOW),
            "explained": verdict(is_flagged=True, is_explained=True),
            "found": verdict("found", is_flagged=True),
        }.items()
    }
    high = "The rate of sessions led by Tom is high"
    unknown = f"{high}; whether the kind of bookings makes it so cannot be said."
    assert {name for name, each in said.items() if each.endswith(unknown)} == {"alone"}
    # Similar bookings are known, and no more is said of them than the badge says.
    unsure = f"{high}, but not clearly above that of similar bookings."
    assert {name for name, each in said.items() if each.endswith(unsure)} == {"unsure"}


def test_a_small_difference_is_not_held_against_anybody_by_name() -> None:
    """Sessions of 14.4 % against 13.5 % were said to have "more no-shows", beside a name."""
    near = replace(ALIKE, missed=145, expected=139.0, ratio=1.04, low=1.01, high=1.08)
    small, large = replace(verdict("found", alike=near), missed=145, rest_missed=670), verdict("found")
    names = {"small": small, "large": large}
    assert {name: is_slight(each) for name, each in names.items()} == {"small": True, "large": False}
    assert {name: badge(each) for name, each in names.items()} == {
        "small": "slightly more than the others"
        if small.rate > small.rest_rate
        else "low, but more than similar bookings of others",
        "large": "more than the others",
    }
    families = {
        name: family_in_words(Family("members of staff", [(name, each), ("Bo", verdict())]))
        for name, each in names.items()
    }
    assert {name: "slightly more no-shows" in said for name, said in families.items()} == {
        "small": True,
        "large": False,
    }


def test_the_yardstick_of_a_group_is_others_without_itself() -> None:
    """The rate that a half of all bookings takes part in lies between its own and that of the other half."""
    half = replace(ALIKE, missed=100, expected=80.0, separable=0.5)
    assert half.others_rate == pytest.approx(0.06)
    assert replace(half, separable=0.0).others_rate == 0.1
    assert replace(half, separable=0.01).others_rate == 0.0
    assert "where similar bookings of others have 23.8" in plain(against(verdict("found", alike=ALIKE)))


def test_a_group_without_like_bookings_has_no_ratio_that_reads_as_average() -> None:
    alone = replace(ALONE, expected=300.0, ratio=1.0, low=0.99, high=1.01)
    each = {"a": verdict(alike=alone), "b": verdict("found", alike=alone), "c": verdict()}
    table = like_for_like_of({("staff", key): one for key, one in each.items()}, {("staff", key): key for key in each})
    assert table is not None
    assert {row.name: row.is_compared for row in table.rows} == {"a": False, "b": True, "c": True}


def test_groups_that_cannot_be_compared_come_last_by_the_figure_that_they_show() -> None:
    """They stood between the others, by a ratio that the table does not show."""
    alone = replace(ALONE, expected=300.0, ratio=1.0, low=0.99, high=1.01)
    low, high = (verdict(alike=replace(alone, crude_ratio=crude)) for crude in (0.7, 1.4))
    each = {"a": low, "b": high, "c": verdict(alike=BELOW)}
    table = like_for_like_of({("staff", key): one for key, one in each.items()}, {("staff", key): key for key in each})
    assert table is not None
    assert [row.name for row in table.rows] == ["c", "b", "a"]


def test_the_table_has_those_found_first_then_those_explained() -> None:
    verdicts = {
        ("staff", "a"): verdict(),
        ("staff", "b"): verdict(is_explained=True),
        ("staff", "c"): verdict("found"),
        ("staff", "d"): verdict(alike=None),
    }
    table = like_for_like_of(verdicts, {key: key[1] for key in verdicts})
    assert table is not None
    assert [row.name for row in table.rows] == ["c", "b", "a"]
    assert len(table.sentences) == 2
    assert like_for_like_of({("staff", "d"): verdict(alike=None)}, {("staff", "d"): "d"}) is None


def made_of(seed: int, **truth: float) -> Report:
    """A report of simulated bookings: locations, services and staff with their plain flags, and the cells."""
    made = simulate(seed, bookings=3000, **truth)  # type: ignore[arg-type]
    names = {"location": "Place", "service": "Class", "staff": "Leader"}
    by = {}
    for family, rates in made.rates().items():
        plain_counts = [
            (f"{names[family]} {key[-1]}", build.counts(n - k, k))
            for key, k, n in rates.select(f"{family}_id", "missed_bookings", "rated_bookings").iter_rows()
        ]
        by[family] = build.named(family, *plain_counts).with_columns(rates[f"{family}_id"])
    missed = made.frame["missed"].sum()
    overall = build.rates([({}, build.counts(made.frame.height - missed, missed))], {})
    return report(cells=made.cells, overall=overall, **by)


TRUTHS = [
    *((f"nothing {seed}", seed, {}) for seed in range(3)),
    *((f"a member of staff {seed}", seed, {"lead": 0.25, "staff": 0.7}) for seed in range(3)),
    *((f"leads alone {seed}", seed, {"lead": 0.4}) for seed in range(3)),
    *((f"habits {seed}", seed, {"habits": 1.2}) for seed in range(3)),
]


@pytest.mark.parametrize(("seed", "truth"), few([pytest.param(*rest, id=name) for name, *rest in TRUTHS], 2))
def test_no_part_of_a_report_contradicts_another_on_a_group(seed: int, truth: dict[str, float]) -> None:
    """Badge, table, funnel, sentences and JSON say the same of every group."""
    made = made_of(seed, **truth)
    data = report_data(made)
    stands_out = {(each.family, each.key) for each in made.standouts.found if not each.lately}
    for ranking, as_data in zip(made.rankings, data["rankings"], strict=True):
        more = set()
        for group, row in zip(ranking.groups, as_data["groups"], strict=True):
            found = group.verdict
            assert found is not None
            assert row["verdict"]["answer"] == found.answer
            assert (group.flag or "").startswith(("more than the others", "fewer than the others")) == (
                found.answer == "found" or (found.is_flagged and not found.is_explained)
            )
            assert ((found.family, found.key) in stands_out) == found.is_found("more")
            if found.is_found("more"):
                more.add(group.name)
        if ranking.finding and more:
            assert all(name in ranking.finding for name in sorted(more)[:1]) or len(more) > 3
            assert "more no-shows than the others" in ranking.finding
        elif ranking.finding:
            assert "more no-shows than the others" not in ranking.finding.replace("more or fewer", "")
    for plot in made.funnels:
        assert plot.summary in {ranking.finding for ranking in made.rankings}
    in_short = plain(" ".join(made.in_short))
    assert ("No service, session series, place or person is found to have more no-shows" in in_short) == (
        not stands_out
    )
    assert data["standouts"]["tested"] == made.standouts.tested
    page = plain(draw(made))
    section = page[page.index('<h2 id="where">') : page.index("</section>", page.index('<h2 id="where">'))]
    assert not re.search("than chance|no difference beyond|differ no more", section)


def test_what_leads_alone_explain_is_not_held_against_a_group() -> None:
    """The leader with the long leads loses more plainly; like for like nothing is found, and the report says that."""
    made = made_of(4, lead=0.8)
    leader = next(group for ranking in made.rankings for group in ranking.groups if group.name == "Leader 1")
    assert leader.verdict is not None
    assert (leader.verdict.answer, leader.verdict.is_flagged) == ("not found", True)
    assert leader.flag == "explained by its bookings"
    assert "Leader 1" not in " ".join(made.in_short)
    assert any("Leader 1" in sentence and "explains most" in sentence for sentence in made.like_for_like.sentences)
    assert "staff-1" not in {each.key for each in made.standouts.found}
