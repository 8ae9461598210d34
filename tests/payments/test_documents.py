"""Papers: whatever is written on them stands there as it is, and the bytes never change."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from payments.documents import Document, FontsMissing, Table, fonts, pdf

PAPER = Document(
    title="Receipt № 7",
    facts=[("Продавец", "ООО «Ночь» & <b>сын</b>"), ("Buyer", "Zoë\x00\n")],
    parts=[
        "Thank you.",
        Table(
            head=["Goods", "Amount"],
            rows=[["Ночной поезд <img src='http://127.0.0.1/x'/>", "1 990 RUB"]],
            widths=[3, 1],
            numbers=[1],
            foot=["Total", "1 990 RUB"],
        ),
    ],
    note="Tonality",
)


def text(made: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(made)).pages)


def test_what_is_written_is_printed_in_every_alphabet_we_sell_in() -> None:
    printed = " ".join(text(pdf(PAPER)).split())
    for words in ("Receipt № 7", "ООО «Ночь» & <b>сын</b>", "Zoë", "Ночной поезд", "1 990 RUB"):
        assert words in printed


def test_the_same_paper_is_the_same_bytes() -> None:
    assert pdf(PAPER) == pdf(PAPER)


def test_a_long_table_goes_on_with_its_head_on_the_next_page() -> None:
    table = Table(head=["Line", "Words"], rows=[[str(n), "слово " * 20] for n in range(150)])
    made = PdfReader(BytesIO(pdf(Document(title="Long", parts=[table]))))
    assert len(made.pages) > 3
    assert all("Words" in page.extract_text() for page in made.pages)


def test_a_cell_longer_than_a_page_is_no_obstacle() -> None:
    table = Table(head=["Words", "n"], rows=[["word " * 3000, "1"]])
    assert len(PdfReader(BytesIO(pdf(Document(title="Huge", parts=[table])))).pages) > 1


def test_without_fonts_it_is_said_what_to_do(settings: Any, tmp_path: Path) -> None:
    settings.DOCUMENT_FONTS = tmp_path
    fonts.register.cache_clear()
    try:
        with pytest.raises(FontsMissing, match="make miniapp"):
            pdf(PAPER)
    finally:
        fonts.register.cache_clear()
