"""Writes of notices: what somebody wants to be told, and telling it."""

from notices.services.broadcasting import broadcast_step, broadcasts_done
from notices.services.choices import (
    choices_set,
    quiet_hours_clear,
    quiet_hours_set,
    stop_all,
)
from notices.services.delivery import notice_deliver
from notices.services.sending import notice_send, notices_send

__all__ = [
    "broadcast_step",
    "broadcasts_done",
    "choices_set",
    "notice_deliver",
    "notice_send",
    "notices_send",
    "quiet_hours_clear",
    "quiet_hours_set",
    "stop_all",
]
