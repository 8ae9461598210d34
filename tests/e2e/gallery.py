"""Looks at screens in all their looks; SHOTS=<folder> keeps a picture of each.

On a phone axe (github.com/dequelabs/axe-core) looks as well: all of its default rules in light,
what depends on colours in dark.
"""

import os
from itertools import product
from pathlib import Path
from typing import Final

from playwright.sync_api import Locator, Page, expect

from deploy.local.node import MINIAPP
from tests.e2e.conftest import DESKTOP, PHONE, Scheme

SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
TELEGRAM_NOTICES: Final = "() => window.Telegram?.WebApp.fire('themeChanged')"
STICKS_OUT: Final = "() => document.documentElement.scrollWidth - innerWidth"
WIDEST: Final = """
() => [...document.querySelectorAll("body *")]
  .map((part) => [part.getBoundingClientRect().right, part])
  .filter(([right]) => right > innerWidth)
  .sort(([one], [other]) => other - one)
  .slice(0, 3)
  .map(([, part]) => `${part.tagName} ${part.className} "${part.textContent.slice(0, 40)}"`)
"""
PICTURES: Final = """
() => Promise.all([...document.images].map((image) => {
  image.loading = "eager";
  return image.decode().catch(() => null);
}))
"""
AXE: Final = MINIAPP / "node_modules/axe-core/axe.min.js"
# What no animation has ended yet has the colours of the moment; axe would measure those.
STILL: Final = """
() => {
  for (const one of document.getAnimations()) {
    if (one.effect.getComputedTiming().endTime === Infinity) one.cancel();
    else one.finish();
  }
}
"""
RULES: Final[dict[Scheme, list[str] | None]] = {"light": None, "dark": ["color-contrast"]}
# Without `preload`, which would fetch the page's styles once more and put them into it.
VIOLATIONS: Final = """
async (only) => (await axe.run({
  resultTypes: ["violations"], preload: false, ...(only && { runOnly: only }),
})).violations.map((rule) =>
  `${rule.id}: ` + rule.nodes.slice(0, 4).map((node) =>
    node.target.join(" ") + (node.any[0]?.message ? ` (${node.any[0].message})` : "")
  ).join("; "))
"""


class Gallery:
    """Looks at one page's screens after another, each in all its looks; notes what sticks out."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        self.folder = Path(os.environ["SHOTS"]) if os.environ.get("SHOTS") else None

    def look(self, screen: str, there: Locator, *, whole: bool = True) -> None:
        """The screen is complete when `there` is visible; whole: picture all that scrolls."""
        expect(there.first).to_be_visible()
        expect(self.page.locator(".skeleton")).to_have_count(0)
        for scheme, size in product(SCHEMES, (DESKTOP, PHONE)):
            self._see(screen, scheme, size, whole=whole)

    def glance(self, screen: str, there: Locator) -> None:
        """On a phone in light alone: one of many pages that are built alike."""
        expect(there.first).to_be_visible()
        self._see(screen, "light", PHONE, whole=True)

    def _see(self, screen: str, scheme: Scheme, size: tuple[int, int], *, whole: bool) -> None:
        width, height = size
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(color_scheme=scheme)
        self.page.evaluate(TELEGRAM_NOTICES)
        excess = self.page.evaluate(STICKS_OUT)
        if excess > 0:
            widest = self.page.evaluate(WIDEST)
            self.problems.append(f"{screen}: {excess} px wider than {width}, {widest}")
        if width == PHONE[0]:
            self._ask_axe(f"{screen}, {scheme}", RULES[scheme])
        self._keep(f"{screen}-{scheme}-{width}", whole=whole)

    def _ask_axe(self, where: str, rules: list[str] | None) -> None:
        self.page.wait_for_load_state()  # scripts of the page name some of its buttons
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text())
        self.page.evaluate(STILL)
        self.problems += [f"{where}: {told}" for told in self.page.evaluate(VIOLATIONS, rules)]

    def _keep(self, name: str, *, whole: bool) -> None:
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.page.evaluate(PICTURES)
            picture = self.folder / f"{name}.png"
            # To hide the caret styles would be put into fields, which htmx would copy.
            self.page.screenshot(
                path=picture, full_page=whole, animations="disabled", caret="initial"
            )


def heading(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", name=name)
