"""Papers for people: one plain look, the same bytes for the same content, always."""

from payments.documents.fonts import FontsMissing
from payments.documents.pdf import Document, Table, pdf

__all__ = ["Document", "FontsMissing", "Table", "pdf"]
