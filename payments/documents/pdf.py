"""A title, some facts, paragraphs and tables on A4, as PDF.

Nothing in the file depends on when or where it was made: the same document gives the same bytes.
All texts are taken as they are; nothing in them is read as markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as Grid

from payments.documents import fonts

_INK: Final = HexColor(0x16161D)
_QUIET: Final = HexColor(0x63636F)
_LINE: Final = HexColor(0xD2D2DC)
_MARGIN: Final = 48  # points
_WIDTH: Final = int(A4[0]) - 2 * _MARGIN
_PADDING: Final = 6  # that reportlab's frames have by themselves
_FACT: Final = 150  # width of a fact's name


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head (empty: none).

    widths: shares of the page's width; numbers: columns set to the right; foot: a last row that
    stands out (a total).
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int] = ()
    numbers: Sequence[int] = ()
    foot: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """What is printed, from above: title, facts (name, value), then parts; note: on every page."""

    title: str
    facts: Sequence[tuple[str, str]] = ()
    parts: Sequence[str | Table] = ()
    note: str = ""
    author: str = ""


def pdf(document: Document) -> bytes:
    """The document as a PDF file. Raises FontsMissing where the build has no fonts."""
    fonts.register()
    out = BytesIO()
    template = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=_MARGIN - _PADDING,
        rightMargin=_MARGIN - _PADDING,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN + 16,
        title=document.title,
        author=document.author,
        invariant=1,
        initialFontName=fonts.PLAIN,
        lang="en",
    )

    def foot(canvas: Any, _template: Any) -> None:
        canvas.saveState()
        canvas.setFont(fonts.PLAIN, 8)
        canvas.setFillColor(_QUIET)
        canvas.drawString(_MARGIN, _MARGIN - 8, document.note[:110])
        canvas.drawRightString(_MARGIN + _WIDTH, _MARGIN - 8, str(canvas.getPageNumber()))
        canvas.restoreState()

    template.build(_story(document), onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _story(document: Document) -> list[Any]:
    story: list[Any] = [Paragraph(_text(document.title), _style(size=18, bold=True)), Spacer(1, 12)]
    if document.facts:
        story += [_facts(document.facts), Spacer(1, 14)]
    for part in document.parts:
        made = _grid(part) if isinstance(part, Table) else Paragraph(_text(part), _style(size=9))
        story += [made, Spacer(1, 12)]
    return story


def _facts(facts: Sequence[tuple[str, str]]) -> Grid:
    name, value = _style(size=9, quiet=True), _style(size=9)
    rows = [[Paragraph(_text(a), name), Paragraph(_text(b), value)] for a, b in facts]
    return Grid(
        rows,
        colWidths=[_FACT, _WIDTH - _FACT],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 1),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ],
    )


def _grid(table: Table) -> Grid:
    def row(cells: Sequence[str], **look: Any) -> list[Paragraph]:
        return [
            Paragraph(_text(cell), _style(size=8, right=place in table.numbers, **look))
            for place, cell in enumerate(cells)
        ]

    head = [row(table.head, quiet=True)] if table.head else []
    rows = [*head, *(row(cells) for cells in table.rows)]
    style: list[Any] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 1, _LINE),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
    ]
    if table.foot:
        rows.append(row(table.foot, bold=True))
        style.append(("LINEABOVE", (0, -1), (-1, -1), 1, _INK))
    return Grid(rows, colWidths=_widths(table), repeatRows=len(head), splitInRow=1, style=style)


def _widths(table: Table) -> list[int]:
    columns = len(table.head or table.foot or table.rows[0])
    shares = list(table.widths) or [1] * columns
    return [_WIDTH * share // sum(shares) for share in shares]


def _style(
    *, size: int, bold: bool = False, quiet: bool = False, right: bool = False
) -> ParagraphStyle:
    return ParagraphStyle(
        "plain",
        fontName=fonts.BOLD if bold else fonts.PLAIN,
        fontSize=size,
        leading=size + size // 3 + 1,
        textColor=_QUIET if quiet else _INK,
        **({"alignment": TA_RIGHT} if right else {}),
    )


def _text(text: str) -> str:
    """Safe to set: no markup, no control characters."""
    return escape("".join(one if one.isprintable() else " " for one in text))
