"""People who bring people."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import Session, User
from accounts.services import session_open


@pytest.fixture
def people(db: None) -> dict[str, User]:
    names = ("fan", "collector", "stranger")
    return {name: User.objects.create_user(login=name) for name in names}


@pytest.fixture
def opens(db: None) -> Callable[[User, str], Session]:
    """Open the Mini App by a link with this start parameter."""

    def open_(user: User, start_param: str) -> Session:
        return session_open(
            user=user,
            kind=Session.Kind.MINIAPP,
            context=Session.Context.TELEGRAM,
            start_param=start_param,
        ).session

    return open_
