"""What a field may hold, told as a problem with fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

from core.errors import ApplicationError

MAX_LINKS: Final = 10


def links_clean(links: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Labels and https addresses, stripped. Raises ApplicationError invalid (400)."""
    if len(links) > MAX_LINKS:
        raise ApplicationError("invalid", fields={"links": [f"At most {MAX_LINKS} links."]})
    kept = []
    for link in links:
        label, url = str(link.get("label", "")).strip(), str(link.get("url", "")).strip()
        parts = urlsplit(url)
        if not label or len(label) > 40 or parts.scheme != "https" or not parts.netloc:
            raise ApplicationError("invalid", fields={"links": ["A label and an https address."]})
        kept.append({"label": label, "url": url})
    return kept


def require_valid(row: Any) -> None:
    """The fields' own limits, told as a problem with fields."""
    try:
        row.clean_fields()
    except ValidationError as error:
        raise ApplicationError("invalid", "Invalid input", fields=error.message_dict) from None
