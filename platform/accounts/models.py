"""People, their sessions and their wallets."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Now

from core.ids import uuid7


class UserManager(BaseUserManager["User"]):
    """Staff are made with a login and a password; fans by their first valid initData."""

    def create_user(self, login: str, password: str | None = None, **fields: Any) -> User:
        user: User = self.model(login=login, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, login: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(login, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person: a fan known by a Telegram id, or staff with a login and a password, or both."""

    class BotAccess(models.TextChoices):
        """Whether our bot may write to them, as far as we were told."""

        UNKNOWN = "unknown", "Not asked"
        ALLOWED = "allowed", "Allowed"
        REFUSED = "refused", "Asked, and said no"
        BLOCKED = "blocked", "Bot blocked"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    login = models.CharField(max_length=80, unique=True)
    telegram_id = models.BigIntegerField(unique=True, null=True, blank=True)
    first_name = models.CharField(max_length=128, blank=True)
    last_name = models.CharField(max_length=128, blank=True)
    username = models.CharField(max_length=64, blank=True, help_text="Telegram's @name; may change")
    language = models.CharField(max_length=16, blank=True)
    photo_url = models.CharField(max_length=500, blank=True)
    bot_access = models.CharField(
        max_length=8, choices=BotAccess, default=BotAccess.UNKNOWN, db_default="unknown"
    )
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                name="user_telegram_id_positive",
                condition=models.Q(telegram_id__isnull=True) | models.Q(telegram_id__gt=0),
            ),
            models.CheckConstraint(
                name="user_bot_access_known",
                condition=models.Q(bot_access__in=("unknown", "allowed", "refused", "blocked")),
            ),
        )

    def __str__(self) -> str:
        return self.get_full_name() or self.login

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def audit_label(self) -> str:
        """Staff by name. Fans by their number alone: the trail outlives their accounts."""
        return str(self) if self.is_staff else f"user {self.pk}"

    def get_short_name(self) -> str:
        return self.first_name or self.login


class Preferences(models.Model):
    """What a person chose. No row: nothing was ever chosen, and the defaults below hold."""

    class Theme(models.TextChoices):
        SYSTEM = "system", "As the device"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    user = models.OneToOneField(
        User, primary_key=True, on_delete=models.CASCADE, related_name="preferences"
    )
    language = models.CharField(max_length=2, blank=True, help_text="Empty: Telegram's")
    currency = models.CharField(max_length=3, default="USD", help_text="ISO 4217")
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)
    shown = models.BooleanField(default=True, help_text="By name in leaderboards")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "preferences"
        constraints = (
            models.CheckConstraint(
                name="preferences_theme_known",
                condition=models.Q(theme__in=("system", "light", "dark")),
            ),
            models.CheckConstraint(
                name="preferences_currency_iso",
                condition=models.Q(currency__regex=r"^[A-Z]{3}$"),
            ),
        )

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"


class Session(models.Model):
    """One signed-in place. Its refresh token turns with every use; an old one revokes it."""

    class Kind(models.TextChoices):
        MINIAPP = "miniapp", "Mini App"
        WEB = "web", "Web"
        STAFF = "staff", "Staff"

    class Context(models.TextChoices):
        """Where it was opened: valid initData is the only proof of being inside Telegram."""

        TELEGRAM = "telegram", "Telegram"
        WEB = "web", "Web"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    kind = models.CharField(max_length=8, choices=Kind)
    context = models.CharField(max_length=8, choices=Context)
    # As signed by Telegram at opening: routing and referral only, untrusted text otherwise.
    start_param = models.CharField(max_length=512, blank=True)
    auth_date = models.DateTimeField(null=True, blank=True)
    device = models.CharField(max_length=80, blank=True, db_default="")  # in words, for its owner
    refresh_hash = models.CharField(max_length=64)
    generation = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    refreshed_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                name="session_kind_known",
                condition=models.Q(kind__in=("miniapp", "web", "staff")),
            ),
            models.CheckConstraint(
                name="session_context_known",
                condition=models.Q(context__in=("telegram", "web")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} session {self.id}"


class Wallet(models.Model):
    """A TON address whose key its holder has proved (TON Connect's ton_proof)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="wallets")
    address = models.CharField(max_length=66, help_text="Raw: 0:<64 hex digits>")
    public_key = models.CharField(max_length=64, help_text="Ed25519, hex")
    proved_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("address",),
                condition=models.Q(revoked_at__isnull=True),
                name="wallet_address_active_once",
            ),
            models.CheckConstraint(
                name="wallet_address_raw",
                condition=models.Q(address__regex=r"^(0|-1):[0-9a-f]{64}$"),
            ),
        )
        indexes = (models.Index(fields=("address",), name="wallet_address"),)

    def __str__(self) -> str:
        return self.address


class WalletNonce(models.Model):
    """A payload to be signed once, within its time, in the session that asked for it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # None: for signing in on the web, where there is no session yet.
    session = models.ForeignKey(
        Session, null=True, blank=True, on_delete=models.CASCADE, related_name="wallet_nonces"
    )
    payload = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("expires_at",), name="wallet_nonce_age"),)

    def __str__(self) -> str:
        return f"nonce of {self.session_id}"


class BotSignIn(models.Model):
    """A browser asks to be signed in by somebody who says yes to our bot. Good once, for minutes.

    The token of the link to the bot can only be made with our key; what is stored is its hash. The
    row belongs to one browser: `browser_hash` is of a secret in that browser's session.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for the bot to be opened"
        ASKED = "asked", "Asked in Telegram"
        ALLOWED = "allowed", "Allowed"
        DENIED = "denied", "Denied"
        USED = "used", "Signed in"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    browser_hash = models.CharField(max_length=64)
    number = models.CharField(max_length=2, help_text="Shown by the page and by the bot")
    browser = models.CharField(max_length=80, help_text="What it called itself, in words")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    # Who opened the link first: nobody else can answer.
    telegram_id = models.BigIntegerField(null=True, blank=True)
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="bot_sign_ins"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                name="bot_sign_in_state_known",
                condition=models.Q(state__in=("waiting", "asked", "allowed", "denied", "used")),
            ),
            models.CheckConstraint(
                name="bot_sign_in_allowed_by_somebody",
                condition=~models.Q(state__in=("allowed", "used")) | models.Q(user__isnull=False),
            ),
        )
        indexes = (models.Index(fields=("expires_at",), name="bot_sign_in_age"),)

    def __str__(self) -> str:
        return f"sign-in of {self.browser}"
