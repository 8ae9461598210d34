"""What every test stands on: real services, no outside network, empty Redis, named people."""

import gc
import os
from collections.abc import Callable, Iterator
from typing import Any

import django
import hypothesis
import pytest
from pytest_django import DjangoDbBlocker

import deploy  # noqa: F401  puts platform/ on sys.path
from tests.house.scheduling import OneShop, give_way
from tests.house.services import WORKER, Services
from tests.house.sockets import refuse_outside

give_way(WORKER)
services = Services()
services.announce()
refuse_outside()
django.setup()

from django.conf import settings  # noqa: E402  settings are readable from here on
from django.db import connection  # noqa: E402
from redis import Redis  # noqa: E402

from accounts.models import User  # noqa: E402  models exist from here on
from accounts.roles import roles_sync  # noqa: E402
from tests import people  # noqa: E402
from tests.house import databases, flush  # noqa: E402

migrates = databases.announce()

hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Before parallel workers exist: they inherit the addresses of what runs already."""
    if session.config.getoption("numprocesses", None):
        # Else pytest-django would load the settings in a worker before its conftest has chosen
        # the worker's own Redis database.
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    if not session.config.option.collectonly:
        services.start()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Thousands of tests and modules stay until the end: the garbage collector may skip them."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Last of all, when pytest-django no longer keeps anybody from the database."""
    if migrates and "postgres" not in services.missing and not config.option.collectonly:
        databases.removed()
    services.stop()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_keepdb: bool,
) -> str:
    """What pytest-django asks for just before it makes a test database; the name of yours."""
    with django_db_blocker.unblock():
        databases.copied(make=not django_db_keepdb)
    return str(connection.settings_dict["NAME"])


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_modify_db_settings: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """As in every shop the staff's roles are there from the beginning (`manage.py roles`).

    But where no test asks for a database none was made, and yours stays as it is.
    """
    if connection.settings_dict["NAME"] != django_db_modify_db_settings:
        with django_db_blocker.unblock():
            roles_sync()


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are processors: the worker with the browser waits a good part of the time
    for other programs (measured: a fifth of two processors was idle), as do tests that start some.
    """
    return (os.cpu_count() or 1) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneShop:
    """`-n` above 0: see tests.house.scheduling."""
    return OneShop(config, log)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """This worker's own numbered database."""
    with Redis.from_url(settings.REDIS_URL) as client:
        yield client


@pytest.fixture(autouse=True)
def _empty_redis(redis_server: Redis) -> None:
    """Limits, caches and queues of one test never reach the next."""
    redis_server.flushdb()


@pytest.fixture(scope="session", autouse=True)
def _quick_flush() -> Iterator[None]:
    with flush.quick():
        yield


def _person(name: str) -> Callable[..., User]:
    def fixture(db: None) -> User:
        return people.person(name)

    return pytest.fixture(name=name)(fixture)


fan, collector, artist, stranger, moderator, finance = map(_person, people.NAMES)
