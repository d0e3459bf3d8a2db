"""Plain words in the open, with the statistician's words for them on hover and in the glossary."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from queries.measures.associations import OddsRatio

TERMS: Mapping[str, str] = {
    "Likely range": "95\u00a0% interval",
    "Marked": "coverage",
    "Possible range": "bounds",
    "Cautious rate": "shrunk rate",
    "Usual range": "limits of the p′ chart",
    "Left alone": "controls",
    "how far they lie apart": "funnel plot",
    "Rate, others equal": "adjusted odds ratio",
    "Compared with similar bookings": "like for like",
    "Times as many as expected": "indirectly standardised ratio",
}


def odds_of(adjusted: OddsRatio | None, crude: OddsRatio | None) -> str:
    """The odds ratios behind a rate with other factors equal, for its hover; those that are None are left out."""
    named = (("adjusted odds ratio", adjusted), ("crude", crude))
    return ", ".join(f"{name} {one.ratio:.2f} ({one.low:.2f} to {one.high:.2f})" for name, one in named if one)


def term(plain: str) -> Markup:
    """A plain word that shows the statistician's on hover. Raises `KeyError` for one that has none."""
    return Markup('<abbr title="{}">{}</abbr>').format(TERMS[plain], plain)
