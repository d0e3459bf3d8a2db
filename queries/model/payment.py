"""The payment: the money of one booking as its order has it.

The API gives it beside the booking, in an extended booking. An order may cover several bookings; each has a row then,
with the amounts of the whole order.
"""

from __future__ import annotations

from queries.model.columns import Column, Entity

_UNSAID = "the API has no word for it; only a mapping or a flat file can say it"
_OF_BOOKING = "it is the booking's own, beside which the payment stands"

PAYMENT = Entity(
    name="payment",
    meaning="Money of bookings: the order of each, and whether its policy has a fee",
    columns=(
        Column(
            "id", "guid", "id", "id of the payment; that of its booking where the source gives none", unsaid=_OF_BOOKING
        ),
        Column("booking_id", "guid", "bookingId", "the booking", required=True),
        Column("order_id", "opaque", "order.id", "the order that the amounts are of; null: the booking alone"),
        # Words of the source, in no closed list: a new word of the API must not set the booking beside it aside.
        Column("order_status", "word", "order.status", "status of the order, in the source's own word"),
        Column(
            "payment_status", "word", "order.paymentStatus", "payment status of the order, in the source's own word"
        ),
        Column(
            "total",
            "money",
            "order.totalPrice.amount",
            "price of the order after discounts and tax, with fees that were applied to it",
            is_written_as_text=True,
        ),
        Column(
            "balance",
            "signed_money",
            "order.balance.amount",
            "rest to pay of the order; below 0 it is to be refunded",
            is_written_as_text=True,
        ),
        Column("paid", "money", "paid", "amount paid, refunds not taken off, if the source states it", unsaid=_UNSAID),
        Column("refunded", "money", "refunded", "amount refunded, if the source states it", unsaid=_UNSAID),
        Column("currency", "word", "order.currency", "currency of the amounts"),
        Column(
            "has_fee_policy",
            "flag",
            "bookingPolicySettings.cancellationFeeEnabled",
            "whether the booking's policy has a fee",
        ),
        Column(
            "fee_status",
            "word",
            "bookingFeeDetails.cancellationFeeStatus",
            "status of the booking's fee as the order has it, in the source's own word",
        ),
        Column(
            "updated_at", "instant", "updatedDate", "last change of the booking at the source, UTC", unsaid=_OF_BOOKING
        ),
        Column(
            "revision",
            "whole",
            "revision",
            "revision of the booking at the source",
            is_written_as_text=True,
            unsaid=_OF_BOOKING,
        ),
    ),
    key=("booking_id",),
    version=("revision", "updated_at"),
)
# The columns that say something about money. A row without any of them says nothing.
SAYING = tuple(
    name for name in PAYMENT.names if name not in ("id", "booking_id", "order_id", "currency", "updated_at", "revision")
)
# The columns that a payment beside its booking takes from it.
FROM_BOOKING = ("id", "booking_id", "updated_at", "revision")
