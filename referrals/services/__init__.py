"""Writes: a fan's code, who brought whom, campaigns, and what looks like fraud."""

from referrals.services.attribution import WINDOW, attribution_ensure, code_ensure
from referrals.services.campaigns import Terms, campaign_end, campaign_plan, rate_at, terms_at
from referrals.services.flags import flag_close, flag_raise

__all__ = [
    "WINDOW",
    "Terms",
    "attribution_ensure",
    "campaign_end",
    "campaign_plan",
    "code_ensure",
    "flag_close",
    "flag_raise",
    "rate_at",
    "terms_at",
]
