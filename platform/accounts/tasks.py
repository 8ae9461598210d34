"""Chores of accounts."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from accounts.models import Session, WalletNonce
from core.celery_app import Schedule


@shared_task(name="accounts.sweep")
def sweep() -> int:
    """Forget nonces a day after their time, sessions three months after their end."""
    now = timezone.now()
    nonces, _ = WalletNonce.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()
    old = now - timedelta(days=90)
    sessions, _ = Session.objects.filter(expires_at__lt=old).delete()
    return nonces + sessions


BEAT: Schedule = {"accounts-sweep": {"task": "accounts.sweep", "schedule": 3600.0}}
