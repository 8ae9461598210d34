"""People on the desk: fans to look at, staff to manage, sessions and wallets to end."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import services
from accounts.models import Session, User, Wallet
from accounts.web import web_user
from core import audit
from core.desk.options import ReadOnlyAdmin
from core.errors import ApplicationError

# What a role may do is granted by rooms in their desk.py and applied by `manage.py roles`.
admin.site.unregister(Group)
# django-otp's own pages show keys to whoever may look: ours says only whether there is a device.
admin.site.unregister(TOTPDevice)
admin.site.unregister(StaticDevice)


class StaffAddForm(BaseUserCreationForm[User]):
    class Meta:
        model = User
        fields = ("login", "first_name", "last_name")
        field_classes: ClassVar[dict[str, Any]] = {}


class StaffChangeForm(UserChangeForm[User]):
    class Meta:
        model = User
        fields = "__all__"
        field_classes: ClassVar[dict[str, Any]] = {}


class WalletInline(admin.TabularInline[Wallet, User]):
    model = Wallet
    extra = 0
    can_delete = False
    fields = readonly_fields = ("address", "proved_at", "revoked_at", "revoked_reason")

    def has_add_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        del request, obj
        return False


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    """Fans come from Telegram; only staff are added here. Nobody is deleted: they are disabled."""

    form = StaffChangeForm
    add_form = StaffAddForm
    inlines = (WalletInline,)
    list_display = ("login", "first_name", "last_name", "username", "is_staff", "created_at")
    list_filter = ("is_staff", "is_superuser", "is_active", "groups")
    search_fields = ("login", "first_name", "last_name", "username", "telegram_id")
    ordering = ("-id",)
    readonly_fields = ("telegram_id", "last_login", "created_at", "second_factor")
    actions = ("reset_second_factor",)
    fieldsets = (
        (None, {"fields": ("login", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "username", "language", "telegram_id")}),
        ("Role", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "second_factor")}),
        ("Dates", {"fields": ("last_login", "created_at")}),
    )
    add_fieldsets = (
        (None, {"fields": ("login", "first_name", "last_name", "password1", "password2")}),
    )
    filter_horizontal = ("groups",)

    @admin.display(description="Second factor")
    def second_factor(self, user: User) -> str:
        device = TOTPDevice.objects.filter(user=user, confirmed=True).first()
        return f"Set up on {device.created_at:%d %b %Y}" if device else "Not set up"

    @admin.action(description="Reset the second factor", permissions=["reset"])
    def reset_second_factor(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        """For who lost the authenticator and the recovery codes. Nobody resets their own."""
        done = 0
        for user in rows:
            try:
                done += services.second_factor_reset(
                    user=user, actor=web_user(request), reason="by hand"
                )
            except ApplicationError as refusal:
                self.message_user(request, f"{user}: {refusal.detail}", messages.ERROR)
        self.message_user(request, f"{done} devices forgotten.", messages.INFO)

    def has_reset_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        del request, obj
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """A superuser is changed by superusers: who may set his password may become him."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        """Nobody has a wallet before they exist."""
        del request
        return self.inlines if obj else ()

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Only a superuser makes superusers; nobody changes their own role."""
        fields = tuple(super().get_readonly_fields(request, obj))
        if not request.user.is_superuser:
            fields += ("is_superuser",)
        if obj is not None and obj.pk == request.user.pk:
            fields += ("is_staff", "is_active", "groups")
        return fields

    def save_model(
        self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool
    ) -> None:
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)
        # Names of what changed, never a password's hash.
        audit.record(
            actor=request.user,
            action="accounts.user_changed" if change else "accounts.staff_added",
            target=obj,
            after={"fields": sorted(form.changed_data), "staff": obj.is_staff},
        )


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin[Session]):
    list_display = ("created_at", "user", "kind", "context", "refreshed_at", "revoked_at")
    list_filter = ("kind", "context", "revoked_reason")
    list_select_related = ("user",)
    search_fields = ("user__login", "user__username", "id")
    exclude = ("refresh_hash",)
    actions = ("revoke",)

    @admin.action(description="End these sessions", permissions=["revoke"])
    def revoke(self, request: HttpRequest, rows: QuerySet[Session]) -> None:
        for session in rows:
            services.session_revoke(session=session, actor=request.user, reason="staff")
        self.message_user(request, f"{len(rows)} sessions ended.", messages.INFO)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_session")


@admin.register(Wallet)
class WalletAdmin(ReadOnlyAdmin[Wallet]):
    list_display = ("address", "user", "proved_at", "revoked_at", "revoked_reason")
    list_filter = ("revoked_reason",)
    list_select_related = ("user",)
    search_fields = ("address", "user__login", "user__username")
    actions = ("unlink",)

    @admin.action(description="Unlink these wallets", permissions=["unlink"])
    def unlink(self, request: HttpRequest, rows: QuerySet[Wallet]) -> None:
        active = list(rows.filter(revoked_at__isnull=True).select_related("user"))
        with transaction.atomic():
            for wallet in active:
                services.wallet_unlink(
                    user=wallet.user, wallet_id=wallet.pk, actor=request.user, reason="staff"
                )
        self.message_user(request, f"{len(active)} wallets unlinked.", messages.INFO)

    def has_unlink_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_wallet")
