"""Plain words in the open, with the statistician's words for them on hover and in the glossary."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

TERMS: Mapping[str, str] = {
    "Likely range": "95\u00a0% interval",
    "Marked": "coverage",
    "Possible range": "bounds",
    "Drawn rate": "shrunk rate",
    "Usual range": "limits of the p′ chart",
    "how far they lie apart": "funnel plot",
    "Odds, others equal": "adjusted odds ratio",
    "Odds, plain": "crude odds ratio",
    "Like for like": "indirectly standardised ratio",
}


def term(plain: str) -> Markup:
    """A plain word that shows the statistician's on hover. Raises `KeyError` for one that has none."""
    return Markup('<abbr title="{}">{}</abbr>').format(TERMS[plain], plain)
