"""Readable addresses from names in Latin and Cyrillic letters."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.text import slugify

from catalog.folding import latin


def slug_of(text: str, *, length: int) -> str:
    """Lower-case ASCII; letters that have no Latin reading fall away. May be empty."""
    return slugify(latin(text))[:length].strip("-")


def free_slug(text: str, taken: QuerySet[Any], *, fallback: str, length: int = 80) -> str:
    """The slug of `text`, numbered when `taken` (a query over a `slug` field) has it already."""
    base = slug_of(text, length=length - 5) or fallback
    used = set(taken.filter(slug__startswith=base).values_list("slug", flat=True))
    if base not in used:
        return base
    number = 2
    while f"{base}-{number}" in used:
        number += 1
    return f"{base}-{number}"
