"""Binance Pay's settlement report (S_Payment and S_Refund), saved as CSV."""

from __future__ import annotations

from typing import Final

from payments.providers.report import Layout, LineKind

LAYOUT: Final = Layout(
    kind="Transaction Type",
    kinds={
        "payment": LineKind.PAYMENT,
        "refund": LineKind.REFUND,
        "fee": LineKind.FEE,
    },
    reference="Transaction ID",
    other="Refund ID",
    currency="Currency",
    gross="Order Amount",
    fee="Commission",
    net="Settlement Amount",
    day="Settlement Time",
    days=("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"),
)
