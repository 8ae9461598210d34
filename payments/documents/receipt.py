"""A receipt or credit note as a page shows it and as a PDF: both only read what was fixed."""

from __future__ import annotations

from typing import Any

from core.money import Money
from payments.documents.pdf import Document, Table, pdf
from payments.models import Receipt


def facts(receipt: Receipt) -> list[tuple[str, str]]:
    """Name and value of all that stands above the goods; what is empty is left out."""
    told: dict[str, Any] = receipt.content
    seller = told["seller"]
    rows = [
        ("Number", receipt.label),
        ("Issued", receipt.issued_at.date().isoformat()),
        ("Takes back" if receipt.kind == Receipt.Kind.CREDIT_NOTE else "Of", told["of"]),
        ("Seller", ", ".join(filter(None, (seller["name"], seller["address"])))),
        ("Seller's tax number", seller["tax_id"]),
        ("Order", told["order"]),
        ("Buyer's wallet", told["buyer"]),
        ("Buyer's country", told["country"]),
        ("Paid", told["paid_at"]),
        ("Paid by", told["method"]),
        ("Payment's reference", told["reference"]),
        ("Sent back", told.get("refunded_at", "")),
        ("Refund's reference", told.get("refund_reference", "")),
    ]
    return [(name, value) for name, value in rows if value]


def goods(receipt: Receipt) -> list[list[str]]:
    """What, and how many."""
    return [
        [f"{one['title']} by {one['artist']}, {one['what']}", str(one["quantity"])]
        for one in receipt.content["goods"]
    ]


def sums(receipt: Receipt) -> list[tuple[str, str]]:
    """Net, VAT and gross, in the asset that was paid."""
    told = receipt.content
    gross, vat = Money.from_json(told["gross"]), Money.from_json(told["vat"])
    name = "Total" if receipt.kind == Receipt.Kind.RECEIPT else "Amount"
    if not told["vat_bps"]:
        return [("VAT", "none"), (name, str(gross))]
    rate = f"{told['vat_bps'] // 100}.{told['vat_bps'] % 100:02d} %"
    return [("Without VAT", str(gross - vat)), (f"VAT {rate}", str(vat)), (name, str(gross))]


def _sums(receipt: Receipt) -> Table:
    *rows, total = sums(receipt)
    return Table((), rows, widths=(3, 2), numbers=(1,), foot=total)


def words(receipt: Receipt) -> str:
    """One sentence that says what the paper means."""
    if receipt.kind == Receipt.Kind.CREDIT_NOTE:
        return "This amount of the receipt was sent back to where it came from."
    if receipt.kind == Receipt.Kind.WITHDRAWN:
        return "The money of this credit note came back to us; the credit note does not count."
    return "Thank you. This is what you paid, and for what."


def receipt_pdf(receipt: Receipt) -> bytes:
    """The same bytes whenever it is asked for. Raises FontsMissing."""
    return pdf(
        Document(
            title=f"{receipt.get_kind_display()} {receipt.label}",
            facts=facts(receipt),
            parts=[
                Table(["Goods", "Quantity"], goods(receipt), widths=(4, 1), numbers=(1,)),
                _sums(receipt),
                words(receipt),
            ],
            note=f"{receipt.content['seller']['name']} · {receipt.label}",
            author=receipt.content["seller"]["name"],
        )
    )
