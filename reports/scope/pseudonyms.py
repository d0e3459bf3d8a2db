"""Names for participants in a report: a pseudonym, or the real name on request."""

from __future__ import annotations

from collections.abc import Callable

from queries.errors import InputNotFound
from queries.keyed_hash import keyed_hash
from queries.secret import VARIABLE
from reports.drawing import words

# A participant's id and name (either may be unknown) → the name that the report shows.
NameParticipant = Callable[[str | None, str | None], str]


def pseudonym(key: str, participant: str) -> str:
    """A participant's pseudonym: always the same under one key, and nothing of the id can be read from it.

    Raises `InputNotFound` if there is no key: without one, anybody could find the id again by trying ids.
    """
    if not key:
        raise InputNotFound(
            "secret.missing",
            "participants cannot be given pseudonyms, since the secret of the database is not beside it",
            f"Put its file there, set {VARIABLE} or pseudonym_key, or use --share, which names nobody",
        )
    return f"guest {keyed_hash(key, participant)[:8]}"


def participant_namer(names: bool, key: str) -> NameParticipant:
    """A function that names participants: by pseudonym under the key, or by name if `names` asks for it."""

    def name_participant(participant_id: str | None, name: str | None) -> str:
        if participant_id is None:
            return "nobody known"
        if names and name:
            return words.clean(name)
        return pseudonym(key, participant_id)

    return name_participant
