"""Look at the secret of a database: whether it is there, its own, and nobody else's to read."""

from __future__ import annotations

import os
import stat

from pipeline.store.doctor.examination import Finding
from pipeline.store.files import StoreFiles
from pipeline.store.keyed import fault_of_secret
from queries.secret import VARIABLE

_WORDS = {
    "missing": "the secret is missing: nothing can be loaded, nor shown under a pseudonym",
    "damaged": "damaged: this is not a secret",
    "wrong": "the secret of another database",
}
_BACK = (
    f"put it back from a backup, or set {VARIABLE}. If it is lost, noshow doctor --recover makes another: pseudonyms "
    "change, and people who were erased have to be erased again"
)


def of_secret(files: StoreFiles, check: str) -> list[Finding]:
    """The findings about the secret of a database that keeps this `check`, "" if it never had a secret."""
    findings = []
    fault = fault_of_secret(files.snapshot, check)
    if fault and (check or fault != "missing"):
        findings.append(Finding(f"secret.{fault}", files.secret, _WORDS[fault], _BACK))
    if files.secret.exists() and stat.S_IMODE(files.secret.stat().st_mode) & 0o077 and os.name == "posix":
        words = "other users can read the secret"
        findings.append(Finding("secret.readable", files.secret, words, f"chmod 600 {files.secret}"))
    return findings
