"""Hash the texts that identify erased people, so that they are recognised again and cannot be found by guessing.

Two things guard them. Without the secret of the database nothing can be tested at all. Whoever has stolen the secret as
well still has to run scrypt (RFC 7914) for each guess, which takes a twentieth of a second and 16 MB.

A load cannot afford that for each text it meets, so a hash begins with a tag, a few digits of a fast keyed hash: only
a text with the tag of an erased one goes through scrypt. The tag has a digit more for each sixteenfold number of erased
texts, so that of a million texts met, about sixteen get that far for each digit beyond the fourth. The price is that a
thief of database and secret can pass over most guesses as fast as a load does. Scrypt then stands between him and those
that are left: of ten billion phone numbers about ten thousand, ten minutes of work, for each erased person.

A random GUID (version 4) is not put through scrypt: 122 of its bits are random, so nobody comes upon one by guessing.
Those that noshow makes of e-mail addresses and numbers are of version 5, and are guessed as easily as the originals.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from queries.keyed_hash import keyed_hash

# The interactive parameters of the paper on scrypt: 128 * n * r bytes of memory, 16 MB.
_COST = {"n": 2**14, "r": 8, "p": 1, "maxmem": 2**26, "dklen": 32}
_RANDOM_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_FEWEST_DIGITS = 5


@dataclass(frozen=True)
class PersonHashes:
    """Hashes of erased people under the `key` made from the secret, and the id of the `database`.

    A hash is `tag:scrypt`, or for a random GUID the whole of the fast keyed hash. All work on `fingerprints`, since
    databases that erased people before there was a secret kept nothing else of them.
    """

    database: str
    key: str = field(repr=False)
    hashes: frozenset[str]

    def has(self, text: str) -> bool:
        """Whether the hash of a text is among them."""
        if not self.hashes:
            return False
        fingerprint, quick = _fast(self.database, self.key, text)
        if quick in self.hashes:
            return True
        return any(
            quick[:digits] in tags and f"{quick[:digits]}:{_slow(fingerprint, self.key)}" in self.hashes
            for digits, tags in self._tags.items()
        )

    def hashed(self, texts: Iterable[str]) -> frozenset[str]:
        """The hashes to add for texts that are not among them yet."""
        new = {text for text in texts if not self.has(text)}
        guids = {text for text in new if _RANDOM_GUID.fullmatch(text)}
        slow = self.wrapped(map(self.fingerprint, new - guids)).values()
        return frozenset([*slow, *(keyed_hash(self.key, self.fingerprint(text)) for text in guids)])

    def wrapped(self, fingerprints: Iterable[str]) -> dict[str, str]:
        """The slow hash of each fingerprint."""
        prints = list(fingerprints)
        number = len(self.hashes) + len(prints)
        digits = _FEWEST_DIGITS + sum(number > 16**power for power in range(1, 8))
        return {one: f"{keyed_hash(self.key, one)[:digits]}:{_slow(one, self.key)}" for one in prints}

    def fingerprint(self, text: str) -> str:
        """The fast hash of a text under the id of the database, which anybody with the database can compute."""
        return keyed_hash(self.database, text)

    @cached_property
    def _tags(self) -> dict[int, frozenset[str]]:
        """The tags by their length."""
        tags = {one.partition(":")[0] for one in self.hashes if ":" in one}
        return {length: frozenset(tag for tag in tags if len(tag) == length) for length in sorted(set(map(len, tags)))}


# The records of a file say the same words again and again.
@lru_cache(maxsize=2**14)
def _fast(database: str, key: str, text: str) -> tuple[str, str]:
    """The fingerprint of a text, and its keyed hash."""
    fingerprint = keyed_hash(database, text)
    return fingerprint, keyed_hash(key, fingerprint)


# A record says an e-mail address in several fields, and a file is read in several pieces.
@lru_cache(maxsize=4096)
def _slow(fingerprint: str, key: str) -> str:
    return hashlib.scrypt(fingerprint.encode(), salt=key.encode(), **_COST).hex()
