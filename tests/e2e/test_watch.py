"""The browser fixture itself: what it must not let pass."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import PHONE, Watch

pytestmark = pytest.mark.e2e

PAGES = {
    "/good": "<h1>Night train</h1>",
    "/inline": "<script>document.title = 'inline'</script>",
    "/icon": "<img src='http://wallet.example/icon.png'>",
    "/foreign": "<script src='/foreign.js'></script>",
    "/foreign.js": "fetch('http://tracker.example/').catch(() => {})",
    "/throws": "<script src='/throws.js'></script>",
    "/throws.js": "setTimeout(() => { throw new Error('a broken button') })",
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = PAGES[self.path].encode()
        kind = "text/javascript" if self.path.endswith(".js") else "text/html"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'self'; img-src *; connect-src *")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/good", None),
        ("/icon", None),
        ("/inline", "content security policy: script-src"),
        ("/foreign", "outside request: http://tracker.example/"),
        ("/throws", "uncaught: Error: a broken button"),
    ],
)
def test_a_page_that_misbehaves_is_noticed(
    browser: Browser, site: str, path: str, problem: str | None
) -> None:
    watch = Watch()
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]})
    watch.over(context)
    page = context.new_page()
    page.goto(site + path)
    page.wait_for_timeout(300)
    context.close()
    if problem is None:
        assert watch.problems == []
    else:
        assert any(found.startswith(problem) for found in watch.problems), watch.problems
