"""A whole running shop and a real browser that forgives nothing.

A test fails when any of its pages violates the Content Security Policy, throws, or asks for
something outside this machine. Playwright keeps an event loop in the test's thread, so these
tests look at the shop from outside (pages, HTTP, SQL), never through Django's models; and it ends
with this package, since tests that come after it in the same thread do use the models.
"""

from collections.abc import Iterator
from typing import Literal, Protocol
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    expect,
    sync_playwright,
)

from deploy.local.chromium import find
from deploy.local.world import World
from tests.house.scheduling import once_a_run
from tests.house.sockets import is_local

PHONE = (390, 844)
DESKTOP = (1280, 800)
REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', (event) => {
  window.reportViolation(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""

FLAGS = [
    # A route over everything would keep pages away from the cache that people's browsers have.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    # Telegram's payment sheet is a tab here, and five seconds after the press too late for one.
    "--disable-popup-blocking",
]
Scheme = Literal["light", "dark"]
expect.set_options(timeout=15_000)  # ms; two cores run the whole shop and the browser


class OpenPage(Protocol):
    """Opens a watched page of somebody new."""

    def __call__(
        self,
        size: tuple[int, int] = PHONE,
        scheme: Scheme = "light",
        locale: str = "en",
        *,
        touch: bool = False,
    ) -> Page: ...


@pytest.fixture(scope="package")
def shop() -> Iterator[World]:
    """Everything that `make run` starts, in a throw-away world; `environ` has its addresses.

    All tests come from one address, so its limits are wider.
    """
    with once_a_run("shop"), World.temporary(RATE_LIMIT_FACTOR="50") as world:
        world.start()
        yield world


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(playwright), args=FLAGS)
        yield browser
        browser.close()


class Watch:
    """Notes what no page may do."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def over(self, context: BrowserContext) -> None:
        context.expose_binding("reportViolation", self._on_violation)
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("request", self._on_request)
        context.on("weberror", lambda error: self._on_error(error.error))
        context.on("console", self._on_console)

    def _on_violation(self, _source: object, what: str) -> None:
        self.problems.append(f"content security policy: {what}")

    def _on_error(self, error: Error) -> None:
        self.problems.append(f"uncaught: {error.stack or error.message}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.problems.append(f"console: {message.text}")

    def _on_request(self, request: Request) -> None:
        """Wallets' icons and people's photos have no fixed hosts; they just stay away here."""
        parts = urlsplit(request.url)
        outside = parts.scheme in {"http", "https"} and not is_local(parts.hostname)
        if outside and request.resource_type != "image":
            self.problems.append(f"outside request: {request.url}")


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Pages that fail the test when they misbehave; their contexts close with it."""
    watch = Watch()
    contexts: list[BrowserContext] = []

    def open_one(
        size: tuple[int, int] = PHONE,
        scheme: Scheme = "light",
        locale: str = "en",
        *,
        touch: bool = False,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            locale=locale,
            has_touch=touch,
            is_mobile=touch,
        )
        watch.over(context)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
    assert watch.problems == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """One page of a phone's size, light."""
    return open_page()
