"""A statement as CSV and as PDF: both only read what was fixed when it was written."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any, Final

from core.money import Money
from payments.documents.pdf import Document, Table, pdf
from payments.models import Statement

_HEAD: Final = ("date", "entry", "what", "order", "method", "line", "asset", "amount", "balance")
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
SUMS: Final = (
    ("Carried over", "opening"),
    ("Earned", "earned"),
    ("Taken back", "refund"),
    ("Paid out", "payout"),
    ("Returned payouts", "returned"),
    ("Balance", "closing"),
    ("Paid on chain", "on_chain"),
)


def statement_csv(statement: Statement) -> bytes:
    """UTF-8 with LF. One row a line of an entry; amounts in whole units, text never a formula."""
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(_rows(statement.content))
    return out.getvalue().encode()


def _rows(told: dict[str, Any]) -> Iterator[list[str]]:
    yield list(_HEAD)
    for one in told["assets"]:
        opening = _money(one["asset"], one["opening"])
        yield ["", "", "", "", "", "Balance carried over", one["asset"], "", opening]
    for entry in told["entries"]:
        asset = entry["asset"]
        head = [entry["at"], entry["entry"], _safe(entry["what"]), entry["order"], entry["method"]]
        for name, amount in entry["lines"]:
            yield [*head, name, asset, _money(asset, amount), ""]
        balance = _money(asset, entry["balance"])
        yield [*head, own_line(entry), asset, _money(asset, entry["share"]), balance]
    for one in told["assets"]:
        closing = _money(one["asset"], one["closing"])
        yield ["", "", "", "", "", "Balance", one["asset"], "", closing]


def own_line(entry: dict[str, Any]) -> str:
    """What the payee's own line of an entry is called."""
    if entry["kind"] in ("payout", "returned"):
        return "Payout"
    if not entry["lines"]:
        return "Your reward"
    return "Your share, paid on chain" if entry["on_chain"] else "Your share"


def statement_pdf(statement: Statement) -> bytes:
    """The same as a paper. Raises FontsMissing where the build has no fonts."""
    told = statement.content
    document = Document(
        title=f"Statement for {statement.month:%B %Y}",
        facts=[
            ("Number", statement.label),
            ("For", told["payee"]["name"]),
            ("Written on", statement.issued_at.date().isoformat()),
        ],
        parts=[*_summary(told), _entries(told)],
        note=f"{statement.label}, {told['payee']['name']}",
        author="Tonality",
    )
    return pdf(document)


def _summary(told: dict[str, Any]) -> Iterator[str | Table]:
    assets = [one["asset"] for one in told["assets"]]
    rows = [
        [name, *(_money(one["asset"], one[key]) for one in told["assets"])] for name, key in SUMS
    ]
    yield Table(head=["", *assets], rows=rows, numbers=range(1, len(assets) + 1))
    yield (
        "What was paid on chain reached your wallet (or the splitter of all who share) in the very "
        "transaction of the sale; it is not part of the balance."
    )


def _entries(told: dict[str, Any]) -> str | Table:
    rows: list[list[str]] = []
    for entry in told["entries"]:
        asset = entry["asset"]
        what = ", ".join(filter(None, (entry["what"], entry["method"])))
        for name, amount in entry["lines"]:
            rows.append([entry["at"][:10], what, name, f"{_money(asset, amount)} {asset}", ""])
        own = f"{_money(asset, entry['share'])} {asset}"
        balance = f"{_money(asset, entry['balance'])} {asset}"
        rows.append([entry["at"][:10], what, own_line(entry), own, balance])
    if not rows:
        return "Nothing moved in this month."
    return Table(
        head=["Date", "What", "Line", "Amount", "Balance"],
        rows=rows,
        widths=[2, 5, 4, 4, 4],
        numbers=[3, 4],
    )


def _money(asset: str, amount: int) -> str:
    return Money(asset, amount).decimal()


def _safe(text: str) -> str:
    """No cell that a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(_RISKY) else text
