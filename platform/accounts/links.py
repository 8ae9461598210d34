"""A link under which a person's own data can be saved, for minutes: Telegram's download has no
way to send a bearer token along.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.core import signing

LIFETIME: Final = timedelta(minutes=10)
_SALT: Final = "accounts.export"


def export_token(session_id: UUID) -> str:
    """It holds as long as the session that asked, and no longer than LIFETIME."""
    return signing.dumps(session_id.hex, salt=_SALT)


def export_session(token: str) -> UUID | None:
    """Whose it is; None for a token that is none of ours or too old."""
    try:
        return UUID(hex=signing.loads(token, salt=_SALT, max_age=LIFETIME))
    except (signing.BadSignature, TypeError, ValueError):
        return None
