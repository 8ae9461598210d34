"""Readable addresses from names in Latin and Cyrillic letters."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet
from django.utils.text import slugify

_READINGS: Final = "ё=e ж=zh х=kh ц=ts ч=ch ш=sh щ=shch ъ= ь= ю=yu я=ya і=i ї=yi є=ye"
_CYRILLIC: Final = dict(
    zip("абвгдезийклмнопрстуфыэґў", "abvgdeziyklmnoprstufyegu", strict=True)
) | dict(reading.split("=") for reading in _READINGS.split())


def slug_of(text: str, *, length: int) -> str:
    """Lower-case ASCII; letters that have no Latin reading fall away. May be empty."""
    latin = "".join(_CYRILLIC.get(letter, letter) for letter in text.lower())
    return slugify(latin)[:length].strip("-")


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
