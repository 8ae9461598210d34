"""What the Mini App says, in each of its languages, as its own dictionaries have it."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from deploy.local.node import MINIAPP

_LINE: Final = re.compile(r'^ {2}"([\w.]+)":\s+"((?:[^"\\]|\\.)*)",$', re.MULTILINE)


@cache
def _dictionary(language: str) -> dict[str, str]:
    files = sorted((MINIAPP / "src/i18n" / language).glob("*.ts"))
    return dict(found for file in files for found in _LINE.findall(file.read_text()))


class Words:
    """Words("ru")("drop.collect", price="1 TON"). Sentences without a plural only."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        """Raises KeyError for what is not said."""
        text = _dictionary(self.language)[key]
        return re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), text)
