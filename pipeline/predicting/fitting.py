"""Fit a logistic regression with a penalty on its effects to sparse rows, by scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.predicting.past import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# The spreads that effects, as log odds, are believed to have, from hardly any to large ones.
SPREADS = (0.05, 0.1, 0.2, 0.4, 0.8)
# Weights are kept to so many digits: the last ones depend on how a machine adds.
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Fitted:
    """The weights of a model: log odds at no level at all, and the log odds that each column adds."""

    intercept: float
    weights: Floats

    def risk(self, rows: csr_matrix) -> Floats:
        """The chance of a no-show of each row."""
        risks: Floats = 1 / (1 + np.exp(-(rows @ self.weights + self.intercept)))
        return risks


def fit(rows: csr_matrix, missed: Floats, weight: Floats, spread: float) -> Fitted:
    """Maximise the likelihood less the squares of the effects over 2 spread², as if each were normal with that spread.

    The same rows give the same weights. There must be no-shows and bookings that were kept.
    """
    from sklearn.linear_model import LogisticRegression

    # Newton's method needs a tenth of the time of the default: 7 steps instead of 160 over 200,000 rows.
    model = LogisticRegression(C=spread**2, solver="newton-cg", tol=1e-4)
    model.fit(rows, missed, sample_weight=weight)
    return Fitted(round(float(model.intercept_[0]), _DIGITS), np.round(model.coef_[0], _DIGITS))
