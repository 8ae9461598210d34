"""The people of the tests, made by plain functions; all of them are strangers to each other."""

from hashlib import sha256
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from rest_framework.test import APIClient

from accounts.models import Session, User, Wallet
from accounts.services import session_open
from accounts.web import BACKEND, SESSION_KEY

NAMES = ("fan", "collector", "artist", "stranger", "moderator", "finance")
STAFF = ("moderator", "finance", "support", "operator", "owner")


def address_of(name: str) -> str:
    """The raw address of somebody's wallet."""
    return "0:" + sha256(name.encode()).hexdigest()


def person(name: str) -> User:
    """A user of that name; those of staff may do what their role is granted."""
    user = User.objects.filter(login=name).first()
    if user is not None:
        return user
    user = User.objects.create_user(name, first_name=name.title(), is_staff=name in STAFF)
    if name in STAFF:
        user.groups.add(Group.objects.get(name=name))
    return user


def wallet_of(user: User) -> Wallet:
    """A wallet that the user has proved."""
    found, _ = Wallet.objects.get_or_create(
        user=user,
        address=address_of(user.login),
        defaults={"public_key": "00" * 32, "proved_at": timezone.now()},
    )
    return found


def api(user: User | None = None, **headers: Any) -> APIClient:
    """A client of the API that speaks as `user`, out of a Mini App session, or as nobody."""
    client = APIClient(**headers)
    if user is not None:
        tokens = session_open(
            user=user, kind=Session.Kind.MINIAPP, context=Session.Context.TELEGRAM
        )
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.access}")
    return client


def desk(user: User) -> Client:
    """A browser of staff on the desk: signed in, the second factor proved."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    return verified(client, user)


def verified(client: Client, user: User) -> Client:
    """The session of a signed-in client counts from here on as proved by a second factor."""
    device, _ = TOTPDevice.objects.get_or_create(user=user, name="Test")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


def pages(user: User | None = None) -> Client:
    """A browser without JavaScript, signed in to the server-rendered pages as `user`, or nobody.

    Staff have also proved their second factor.
    """
    client = desk(user) if user is not None and user.is_staff else Client()
    if user is not None:
        opened = session_open(user=user, kind=Session.Kind.WEB, context=Session.Context.WEB)
        if not user.is_staff:
            client.force_login(user, backend=BACKEND)
        cookie = client.session
        cookie[SESSION_KEY] = str(opened.session.id)
        cookie.save()
    return client
