"""The dependencies: ranges with both ends, and the versions that the tests run with, fixed by their hashes."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
LISTED = [*PROJECT["build-system"]["requires"], *PROJECT["project"]["dependencies"], *chain(*EXTRAS.values())]
OTHERS = sorted({text for text in LISTED if Requirement(text).name != "noshow"})
# The versions that are fixed are those of the package and of its tests; tools run by hand take the newest.
BY_HAND = {*EXTRAS["bench"], *EXTRAS["fuzz"]} - {*EXTRAS["dev"]}
TESTED = [text for text in OTHERS if text not in BY_HAND]
FIXED = re.compile(
    r"^(?P<name>[a-z0-9._-]+)==(?P<version>\S+)(?: ; .+)? \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", re.M
)


def fixed(name: str) -> dict[str, set[Version]]:
    """The versions of each distribution in a file of constraints; every line of it is understood, or this fails."""
    text = (ROOT / ".ci" / name).read_text()
    body = text.split("\n", 2)[2]
    versions: dict[str, set[Version]] = {}
    for found in FIXED.finditer(body):
        versions.setdefault(found["name"], set()).add(Version(found["version"]))
    assert not FIXED.sub("", body)
    return versions


def bounds(text: str, operator: str) -> list[str]:
    return [part.version for part in Requirement(text).specifier if part.operator == operator]


@pytest.mark.parametrize("text", OTHERS)
def test_each_range_has_both_ends(text: str) -> None:
    assert len(bounds(text, ">=")) == len(bounds(text, "<")) == 1


@pytest.mark.parametrize("name", ["constraints.txt", "lowest.txt"])
def test_the_fixed_versions_lie_in_the_ranges(name: str) -> None:
    versions = fixed(name)
    for text in TESTED:
        required = Requirement(text)
        assert versions[required.name.lower()], text
        assert all(version in required.specifier for version in versions[required.name.lower()]), text


def test_the_lowest_versions_are_those_of_the_ranges() -> None:
    versions = fixed("lowest.txt")
    for text in TESTED:
        # Of two ranges for one distribution the higher end counts; `>=14` may begin with 14.2.
        (found,) = versions[Requirement(text).name.lower()]
        ranges = [other for other in TESTED if Requirement(other).name == Requirement(text).name]
        low = max(Version(bounds(other, ">=")[0]) for other in ranges)
        assert found.release[: len(low.release)] == low.release, text
