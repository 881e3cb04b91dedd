"""Wingman while its database is being migrated, and while its backend is away."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.serving import Site, flask


def test_pending_migrations_show_a_notice_and_the_page_returns_by_itself(page: Page, own_site: Site) -> None:
    """One revision behind: no failing call is made; after the upgrade nobody has to reload."""
    flask(own_site.database_url, "db", "downgrade")
    called: list[str] = []
    page.on("request", lambda request: called.append(request.url))
    page.goto(f"{own_site.url}/products")
    notice = page.get_by_role("heading", name="Works on the line")
    expect(notice).to_be_visible()
    expect(page.get_by_text("20250615_companion")).to_be_visible()
    assert {url for url in called if "/api/" in url} == {f"{own_site.url}/api/health"}

    flask(own_site.database_url, "db", "upgrade")

    expect(notice).to_be_hidden()
    expect(page.get_by_role("link", name="Field Journal")).to_be_visible()


def test_a_dead_backend_shows_an_outage_and_its_return_brings_the_page_back(page: Page, own_site: Site) -> None:
    """A message that could not be sent is still in the box when the backend is back, and can then be sent."""
    page.goto(f"{own_site.url}/chat")
    box = page.get_by_label("Your message")
    box.fill("Sent through a tunnel")
    own_site.backend.stop()
    page.keyboard.press("Enter")
    notice = page.get_by_role("heading", name="Held at a red signal")
    expect(notice).to_be_visible()

    own_site.backend.start()

    expect(notice).to_be_hidden()
    expect(box).to_have_value("Sent through a tunnel")
    box.press("Enter")
    expect(page.get_by_role("region", name="Messages").get_by_text("Sent through a tunnel")).to_be_visible()


def test_a_part_that_fails_can_be_tried_again(page: Page, site: Site) -> None:
    """One broken call breaks its own part of the page, which recovers on its own."""
    broken = '{"error": {"code": "internal", "message": "Something broke.", "field": null}}'
    page.route(
        "**/api/products?**",
        lambda route: route.fulfill(status=500, body=broken, content_type="application/json"),
    )
    page.goto(f"{site.url}/products")
    expect(page.get_by_role("alert")).to_contain_text("The products could not be loaded. Something broke.")

    page.unroute("**/api/products?**")
    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_role("link", name="Field Journal")).to_be_visible()
