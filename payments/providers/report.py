"""Providers' settlement reports: CSV files, read strictly or not at all.

A provider's folder says in a Layout how its file looks. Whatever is not exactly as expected is
refused with the number of its line: a column that is missing, a kind that nobody knows, an amount
with too many decimals, net that is not gross less fee.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from io import StringIO
from typing import Final

from core.money import DECIMALS, Money

LARGEST: Final = 8 * 1024 * 1024  # bytes of a file
MOST_LINES: Final = 50_000


class ReportRefused(ValueError):
    """The file is not taken. line: counted from 1 with the head; 0 for the file as a whole."""

    def __init__(self, line: int, why: str) -> None:
        self.line, self.why = line, why
        super().__init__(f"line {line}: {why}" if line else why)


class LineKind(StrEnum):
    """What a line tells of. PAYOUT is only the check of all others and is posted nowhere."""

    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"
    FEE = "fee"
    PAYOUT = "payout"


@dataclass(frozen=True, slots=True)
class Line:
    """One line. gross: what it did to our balance there, fee: what the provider kept of it.

    key tells the line from all others of this provider; reference is the payment's name there,
    other that of the refund or dispute where the file has one.
    """

    number: int
    kind: LineKind
    key: str
    reference: str
    other: str
    gross: Money
    fee: Money
    net: Money
    day: date


@dataclass(frozen=True, slots=True)
class Layout:
    """How a provider's file looks. Values are names of its columns.

    signed: outgoing amounts already carry a minus. fee_signed: the fee stands as a minus. asset:
    of all lines, where no column says it.
    """

    kinds: Mapping[str, LineKind]
    kind: str
    reference: str
    gross: str
    fee: str
    net: str
    day: str
    days: tuple[str, ...]
    key: str = ""
    other: str = ""
    currency: str = ""
    asset: str = ""
    delimiter: str = ","
    comma: bool = False
    signed: bool = False
    fee_signed: bool = False


def read(layout: Layout, body: bytes) -> list[Line]:
    """All lines of the file, payouts left out. Raises ReportRefused: then none is taken."""
    lines = list(_lines(layout, body))
    if not lines:
        raise ReportRefused(0, "the file has no lines")
    keys: dict[str, int] = {}
    for line in lines:
        if first := keys.get(line.key):
            raise ReportRefused(line.number, f"{line.key} stands in line {first} already")
        keys[line.key] = line.number
    _check_payouts(lines)
    return [line for line in lines if line.kind is not LineKind.PAYOUT]


def _check_payouts(lines: list[Line]) -> None:
    """Where the file holds the payout itself, all the others have to make it."""
    for asset in {line.net.asset for line in lines if line.kind is LineKind.PAYOUT}:
        rows = [line for line in lines if line.net.asset == asset]
        rest = sum(line.net.amount for line in rows)
        if rest:
            paid = -sum(line.net.amount for line in rows if line.kind is LineKind.PAYOUT)
            raise ReportRefused(
                0,
                f"the lines make {Money(asset, paid + rest)}, the payout says {Money(asset, paid)}",
            )


def _lines(layout: Layout, body: bytes) -> Iterator[Line]:
    rows = csv.reader(StringIO(_text(body)), delimiter=layout.delimiter, strict=True)
    try:
        head = [name.strip() for name in next(rows, [])]
        _check_head(layout, head)
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            if rows.line_num > MOST_LINES:
                raise ReportRefused(rows.line_num, f"more than {MOST_LINES} lines")
            if len(cells) != len(head):
                raise ReportRefused(
                    rows.line_num, f"{len(cells)} columns, the head has {len(head)}"
                )
            yield _line(layout, rows.line_num, dict(zip(head, map(str.strip, cells), strict=True)))
    except csv.Error as error:
        raise ReportRefused(rows.line_num, f"this is no CSV: {error}") from error


def _text(body: bytes) -> str:
    if len(body) > LARGEST:
        raise ReportRefused(0, f"the file is larger than {LARGEST // 1024 // 1024} MB")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReportRefused(0, "the file is not UTF-8") from error
    if "\x00" in text:
        raise ReportRefused(0, "the file is not text")
    return text


def _check_head(layout: Layout, head: list[str]) -> None:
    wanted = (
        layout.kind, layout.reference, layout.gross, layout.fee, layout.net, layout.day,
        layout.key, layout.other, layout.currency,
    )  # fmt: skip
    missing = [name for name in wanted if name and name not in head]
    if missing:
        raise ReportRefused(1, f"columns are missing: {', '.join(missing)}")
    if len(set(head)) != len(head):
        raise ReportRefused(1, "a column stands there twice")


def _line(layout: Layout, number: int, row: Mapping[str, str]) -> Line:
    kind = layout.kinds.get(row[layout.kind].lower())
    if kind is None:
        raise ReportRefused(number, f"unknown {layout.kind} {row[layout.kind]!r}")
    asset = (row[layout.currency] if layout.currency else layout.asset).upper()
    if asset not in DECIMALS:
        raise ReportRefused(number, f"unknown currency {asset!r}")
    gross, net = (_money(layout, number, asset, row[name]) for name in (layout.gross, layout.net))
    fee = _money(layout, number, asset, row[layout.fee])
    if layout.fee_signed:
        fee = -fee
    if not layout.signed and kind is not LineKind.PAYMENT:
        gross, net = -gross, -net
    if net != gross - fee:
        raise ReportRefused(number, f"net {net} is not gross {gross} less fee {fee}")
    reference = row[layout.reference]
    other = row[layout.other] if layout.other else ""
    if not reference and not other and kind in (LineKind.PAYMENT, LineKind.REFUND):
        raise ReportRefused(number, f"a {kind} without a {layout.reference}")
    key = row[layout.key] if layout.key else f"{kind}:{other or reference}"
    if not key:
        raise ReportRefused(number, f"no {layout.key}")
    day = _day(layout, number, row[layout.day])
    return Line(number, kind, key, reference, other, gross, fee, net, day)


def _money(layout: Layout, number: int, asset: str, text: str) -> Money:
    plain = text.replace("\u00a0", "").replace(" ", "")
    if layout.comma:
        plain = plain.replace(",", ".")
    try:
        return Money.parse(asset, plain or "0")
    except ValueError as error:
        raise ReportRefused(number, f"{text!r} is no amount of {asset}: {error}") from error


def _day(layout: Layout, number: int, text: str) -> date:
    for form in layout.days:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  the file says UTC or less
        except ValueError:
            continue
    raise ReportRefused(number, f"{text!r} is no date as {layout.day} has it")
