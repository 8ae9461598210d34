"""Accounts on the desk's home, and what roles may do here."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from core.desk.registry import Reading, grant, guard, tile

grant("moderator", "accounts.view_user", "accounts.change_session", "accounts.view_session")
grant("finance", "accounts.view_user", "accounts.view_wallet")
grant("support", "accounts.change_session", "accounts.change_wallet")
# Who makes staff or sets their passwords could make himself somebody who moves money.
guard("accounts.add_user", "accounts.change_user")


@tile("Fans", link="admin:accounts_user_changelist", permission="accounts.view_user", order=90)
def fans() -> Reading:
    everyone = User.objects.filter(telegram_id__isnull=False)
    fresh = everyone.filter(created_at__gt=timezone.now() - timedelta(days=1)).count()
    return Reading(everyone.count(), f"{fresh} since yesterday")
