"""Files in files: an archive at the end, a page among the titles."""

from __future__ import annotations

from typing import Final

from catalog.media.inspection.facts import Refused, Source

_END: Final = b"PK\x05\x06"
_END_LENGTH: Final = 22
_COMMENT: Final = 65_535
_MARKS: Final = (
    (b"<script", "a page"), (b"<html", "a page"), (b"<!doctype", "a page"), (b"<svg", "a page"),
    (b"<iframe", "a page"), (b"<?php", "a program"), (b"%pdf-", "a PDF"), (b"#!/bin", "a program"),
)  # fmt: skip


def refuse_archive(source: Source) -> None:
    """A ZIP is read from its end: whatever stands before it may be something else."""
    tail = source.peek(max(0, source.size - _COMMENT - _END_LENGTH), _COMMENT + _END_LENGTH)
    at = tail.rfind(_END)
    while at >= 0:
        comment = int.from_bytes(tail[at + 20 : at + 22], "little")
        if len(tail) - at >= _END_LENGTH and at + _END_LENGTH + comment == len(tail):
            raise Refused("hidden_file", kind="a ZIP archive")
        at = tail.rfind(_END, 0, at)


def refuse_marks(data: bytes) -> None:
    """Titles and pictures are plain; a page, a program or an archive among them is not wanted."""
    low = data.lower()
    for mark, kind in _MARKS:
        if mark in low:
            raise Refused("hidden_file", kind=kind)
