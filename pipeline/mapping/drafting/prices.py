"""Read how a column of prices writes them: the sign before decimals, and the currency."""

from __future__ import annotations

import re

from pipeline.mapping.drafting.profile import Column

# The sign of a currency that has no other.
_CURRENCIES = {"€": "EUR", "£": "GBP", "₹": "INR", "zł": "PLN", "₺": "TRY", "R$": "BRL", "CHF": "CHF", "₪": "ILS"}


def currencies_of(column: Column) -> set[str]:
    """The currencies whose signs are in the values."""
    return {code for sign, code in _CURRENCIES.items() if any(sign in value for value in column.values)}


def decimal_of(column: Column) -> tuple[str | None, str]:
    """The sign before decimals, or None, and the evidence in words."""
    seen = {",": "", ".": ""}
    doubtful = ""
    for value in column.values:
        digits = re.sub(r"[^\d.,]", "", value).strip(".,")
        signs = [sign for sign in digits if sign in ",."]
        if not signs:
            continue
        last, after = signs[-1], re.split(r"[.,]", digits)[-1]
        if len(set(signs)) > 1 or (len(signs) == 1 and len(after) != 3):
            seen[last] = seen[last] or value
        elif len(signs) > 1:
            # 1.234.567: a sign that comes twice stands between thousands.
            other = "," if last == "." else "."
            seen[other] = seen[other] or value
        else:
            doubtful = doubtful or value
    found = [sign for sign, example in seen.items() if example]
    if len(found) == 1:
        return found[0], f"{seen[found[0]]} has no other reading"
    if found:
        return None, f"{seen[',']} and {seen['.']} do not agree"
    return (None, f"{doubtful} may be read in two ways") if doubtful else (".", "the numbers are whole")
