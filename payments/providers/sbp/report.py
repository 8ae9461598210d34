"""Registers of SBP's acquirers, as their cabinets save them (CSV with semicolons, roubles)."""

from __future__ import annotations

from typing import Final

from payments.providers.report import Layout, LineKind

YOOKASSA: Final = Layout(
    kind="Тип операции",
    kinds={
        "платеж": LineKind.PAYMENT,
        "платёж": LineKind.PAYMENT,
        "возврат": LineKind.REFUND,
        "комиссия": LineKind.FEE,
    },
    reference="Идентификатор платежа",
    other="Идентификатор возврата",
    gross="Сумма операции",
    fee="Комиссия",
    net="Сумма к зачислению",
    currency="Валюта",
    day="Дата зачисления",
    days=("%d.%m.%Y", "%Y-%m-%d"),
    delimiter=";",
    comma=True,
)

# T-Bank names a refund by its payment: two of one payment are told apart by the operation's number.
TBANK: Final = Layout(
    kind="Тип операции",
    kinds={
        "покупка": LineKind.PAYMENT,
        "возврат": LineKind.REFUND,
        "комиссия": LineKind.FEE,
    },
    key="Номер операции",
    reference="PaymentId",
    gross="Сумма операции",
    fee="Сумма комиссии",
    net="Сумма к перечислению",
    asset="RUB",
    day="Дата перечисления",
    days=("%d.%m.%Y", "%d.%m.%Y %H:%M:%S"),
    delimiter=";",
    comma=True,
)
