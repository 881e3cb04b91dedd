"""Every page for every reader: axe-core's rules, a phone's width, both colour schemes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import FRONTEND, Site
from tests.waiting import DEADLINE_SECONDS

PAGES = ("companion", "chat", "skills", "products", "products/1", "nowhere")
_AXE = FRONTEND / "node_modules" / "axe-core" / "axe.min.js"


def open_settled(page: Page, url: str) -> None:
    """Open a page and wait until everything on it has arrived."""
    page.set_default_timeout(DEADLINE_SECONDS * 1000)
    page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(browser: Browser, site: Site, path: str, scheme: str) -> None:
    """No serious or critical violation, contrast included."""
    page = browser.new_page(color_scheme=scheme, reduced_motion="reduce")
    open_settled(page, f"{site.url}/{path}")
    page.add_script_tag(path=_AXE)
    violations = page.evaluate("async () => (await axe.run()).violations")
    page.close()

    assert [] == [
        (violation["id"], [node["target"] for node in violation["nodes"]])
        for violation in violations
        if violation["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_scrolls_in_one_direction(browser: Browser, site: Site, path: str) -> None:
    """At 360 pixels nothing is wider than the screen, and the navigation is in reach."""
    page = browser.new_page(viewport={"width": 360, "height": 740})
    open_settled(page, f"{site.url}/{path}")
    width = page.evaluate("document.documentElement.scrollWidth")
    expect(page.get_by_role("navigation", name="Main")).to_be_in_viewport(ratio=1)
    page.close()

    assert width == 360
