"""The face that papers are set in: DejaVu Sans, with Latin, Cyrillic and Greek letters.

It comes with the Mini App's packages from npm (dejavu-fonts-ttf) and is copied into build/fonts
when the Mini App is built. What it has no letter for (Chinese, emoji) shows as an empty box.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

PLAIN: Final = "TonalityPlain"
BOLD: Final = "TonalityBold"
_FILES: Final = {PLAIN: "DejaVuSans.ttf", BOLD: "DejaVuSans-Bold.ttf"}


class FontsMissing(RuntimeError):
    """The build has no font files: run `make miniapp`."""


@lru_cache(maxsize=1)
def register() -> None:
    """Make both weights known to reportlab, once a process. Raises FontsMissing."""
    for name, file in _FILES.items():
        path = Path(settings.DOCUMENT_FONTS, file)
        try:
            pdfmetrics.registerFont(TTFont(name, str(path)))
        except (OSError, TTFError) as error:
            raise FontsMissing(f"{path} cannot be read: run `make miniapp`") from error
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)
