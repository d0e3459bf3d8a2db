"""The fee that a customer has to pay for a booking that was missed or cancelled too late."""

from __future__ import annotations

from queries.model.columns import Column, Entity
from queries.model.vocabularies import FEE_STATUSES, FEE_TRIGGERS

_UNSAID = "the API has no word for it; only a mapping or a flat file can say it"

FEE = Entity(
    name="fee",
    meaning="Fees for bookings that were missed or cancelled too late",
    columns=(
        Column("id", "guid", "id", "id of the fee; made from booking and trigger where the source gives none"),
        Column("booking_id", "guid", "bookingId", "the booking", required=True),
        Column(
            "amount",
            "money",
            "cancellationFee.price.value",
            "amount that the customer has to pay",
            required=True,
            is_written_as_text=True,
        ),
        Column("currency", "word", "cancellationFee.price.currency", "currency of the amounts"),
        Column(
            "status",
            "word",
            "cancellationFee.status",
            "PREVIEW, NOT_YET_APPLIED_TO_ORDER, APPLIED_TO_ORDER, or UNKNOWN_STATUS: no order is known",
            required=True,
            choices=FEE_STATUSES,
        ),
        Column(
            "trigger",
            "word",
            "cancellationFee.trigger",
            "NOT_ATTENDED, also cancelled after the last window; BOOKING_CANCELED; or UNKNOWN_TRIGGER",
            required=True,
            choices=FEE_TRIGGERS,
        ),
        Column(
            "collected",
            "money",
            "collected",
            "amount of it that was collected, if the source states it",
            unsaid=_UNSAID,
        ),
        Column("waived", "money", "waived", "amount of it that was waived, if the source states it", unsaid=_UNSAID),
        Column("updated_at", "instant", "updatedDate", "last change at the source, UTC, if it is known"),
    ),
    key=("id",),
    version=("updated_at",),
)
