"""Whatever is asked of an endpoint, sense or nonsense, it answers as the OpenAPI document says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final
from uuid import UUID

import pytest
import schemathesis
from django.conf import LazySettings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.urls import resolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import checks as known
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks as openapi

from accounts.models import Session, User
from accounts.services import session_open
from deploy.local.process import ROOT
from tests import people
from tests.cast import Cast

pytestmark = pytest.mark.django_db

DOCUMENT: Final = schemathesis.openapi.from_path(ROOT / "static/miniapp/openapi.yaml")
OPERATIONS: Final = [one.ok() for one in DOCUMENT.get_all_operations() if isinstance(one, Ok)]
CHECKS: Final = [
    known.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
]


def with_examples(number: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The same examples in every run. Each is undone, so that one may follow another."""
    return settings(
        max_examples=number,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )


def bearer(user: User, context: Session.Context) -> dict[str, str]:
    pair = session_open(user=user, kind=Session.Kind.MINIAPP, context=context)
    return {"Authorization": f"Bearer {pair.access}"}


def name_of(operation: Any) -> str:
    """The name of the address that an operation's path stands for."""
    path = operation.path
    for one in operation.path_parameters:
        sample = str(UUID(int=1)) if one.definition["schema"].get("format") == "uuid" else "0" * 40
        path = path.replace(f"{{{one.name}}}", sample)
    return str(resolve(path).url_name)


@pytest.fixture
def application() -> Iterator[Callable[..., object]]:
    """The shop as a server calls it, inside this test's transaction, which no request may end."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in signals:
        signal.connect(close_old_connections)


def test_the_document_can_be_read_whole() -> None:
    assert len(OPERATIONS) == len(list(DOCUMENT.get_all_operations())) > 0


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_every_answer_is_one_of_the_document(
    operation: Any, application: Any, settings: LazySettings, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, (10**6, 60))
    cast = Cast()
    words = {key: str(value) for key, value in cast.words(name_of(operation)).items()}
    fan = bearer(cast.fan, Session.Context.TELEGRAM)
    stranger = bearer(people.person("stranger"), Session.Context.WEB)

    @with_examples(20)
    @given(operation.as_strategy(), st.booleans(), st.sampled_from((fan, stranger, {})))
    def ask(case: Any, real: bool, headers: dict[str, str]) -> None:
        if real and words:
            case.path_parameters = words
        with transaction.atomic():
            answer = case.call(base_url="http://testserver", app=application, headers=headers)
            transaction.set_rollback(True)
        case.validate_response(answer, checks=CHECKS)

    ask()
