"""What people do with Wingman, from the browser through to the database."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.serving import Site


def travel_as(page: Page, name: str) -> None:
    page.get_by_label("Travelling as").select_option(label=name)


def test_a_goal_is_started_moved_on_and_completed_and_its_badge_appears(page: Page, site: Site) -> None:
    """The whole life of a goal, and the badge still there after a reload."""
    page.goto(f"{site.url}/companion")
    page.get_by_label("Target of Meet a mentor").fill("2")
    page.get_by_role("button", name="Start Meet a mentor").click()
    progress = page.get_by_role("progressbar", name="Meet a mentor: progress")
    expect(progress).to_have_attribute("aria-valuetext", "0 of 2 conversations")

    page.get_by_role("button", name="One step on: Meet a mentor").click()
    expect(progress).to_have_attribute("aria-valuetext", "1 of 2 conversations")
    page.get_by_role("button", name="Complete Meet a mentor").click()

    celebration = page.get_by_role("dialog", name="Good Company")
    expect(celebration).to_be_visible()
    page.keyboard.press("Escape")
    expect(celebration).to_be_hidden()
    expect(page.get_by_role("heading", name="Badges")).to_be_focused()
    page.reload()
    shelf = page.get_by_role("region", name="Badges")
    expect(shelf.get_by_role("listitem").filter(has_text="Good Company")).to_contain_text("Earned")
    expect(page.get_by_role("region", name="Earlier journeys")).to_contain_text("2 of 2 conversations")


def test_a_number_beyond_the_target_is_refused_at_its_field(page: Page, site: Site) -> None:
    """The backend's own words stand beside the field, and the number stays to be corrected."""
    page.goto(f"{site.url}/companion")
    travel_as(page, "Noor Haddad")
    field = page.get_by_label("Progress of Write thirty pages")
    field.fill("31")
    field.press("Enter")

    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_contain_text("progress")
    expect(field).to_have_value("31")


def test_a_message_is_posted_and_older_ones_are_loaded(page: Page, site: Site) -> None:
    """A post appears at the end; the first message of all appears once it is asked for."""
    page.goto(f"{site.url}/chat")
    messages = page.get_by_role("region", name="Messages")
    page.get_by_label("Your message").fill("Greetings from the dining car")
    page.keyboard.press("Enter")
    expect(messages.get_by_text("Greetings from the dining car")).to_be_in_viewport()
    expect(page.get_by_label("Your message")).to_have_value("")

    first = messages.get_by_text("Good morning! First quiet morning done.", exact=False)
    expect(first).to_have_count(0)
    page.get_by_role("button", name="Show older messages").click()
    expect(first).to_have_count(1)
    expect(messages.get_by_text("This is where the conversation began.")).to_have_count(1)


def test_loading_older_messages_keeps_the_readers_place(page: Page, site: Site) -> None:
    """What was at the top stays in sight when older messages come in above it."""
    page.goto(f"{site.url}/chat")
    messages = page.get_by_role("region", name="Messages")
    expect(messages.get_by_role("paragraph").first).to_be_attached()
    messages.evaluate("box => { box.scrollTop = 0 }")
    top = messages.locator(".message").first
    text = top.locator(".message-text").inner_text()
    page.get_by_role("button", name="Show older messages").click()

    expect(messages.get_by_text("This is where the conversation began.")).to_have_count(1)
    expect(messages.get_by_text(text, exact=True)).to_be_in_viewport()


def test_a_skill_is_added_levelled_and_removed(page: Page, site: Site) -> None:
    """Each change is on the server: it is there after a reload."""
    page.goto(f"{site.url}/skills")
    page.get_by_role("button", name="Add Yoga").click()
    group = page.get_by_role("group", name="Your level in Yoga")
    group.get_by_role("radio", name="1: New to it").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("announcer")).to_have_text("Yoga: yours, level 2 of 5.")
    page.reload()
    expect(group.get_by_role("radio", name="2: Practising")).to_be_checked()

    page.get_by_role("button", name="Remove Yoga").click()
    expect(page.get_by_test_id("announcer")).to_have_text("Yoga removed from your skills.")
    page.reload()
    expect(page.get_by_role("button", name="Add Yoga")).to_be_visible()


def test_the_gallery_is_walked_with_the_keyboard(page: Page, site: Site) -> None:
    """From the grid to the last picture of a product without a mouse, and every picture is really there."""
    page.goto(f"{site.url}/products")
    page.get_by_role("link", name="Carving Kit").press("Enter")
    expect(page.get_by_role("heading", level=1, name="Carving Kit")).to_be_focused()
    page.get_by_role("tab", selected=True).focus()
    picture = page.get_by_role("tabpanel").get_by_role("img")
    seen = []
    for _ in range(4):
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("image => image.naturalWidth") > 0
        seen.append(picture.get_attribute("src"))
        page.keyboard.press("ArrowRight")

    assert seen == [f"/images/products/carving-kit-{number}.svg" for number in (1, 2, 3, 4)]
    expect(page.get_by_role("tab", name="Picture 1 of 4")).to_be_focused()


def test_every_product_has_its_cover(page: Page, site: Site) -> None:
    """No picture that the sample rows name is missing from the frontend."""
    page.goto(f"{site.url}/products")
    covers = page.locator(".product-card img")
    expect(covers).to_have_count(6)
    for cover in covers.all():
        cover.scroll_into_view_if_needed()
        cover.evaluate("image => image.decode()")


def test_the_skip_link_leads_past_the_navigation(page: Page, site: Site) -> None:
    """The first stop of the keyboard jumps to the content."""
    page.goto(f"{site.url}/skills")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("main")).to_be_focused()
    expect(page).to_have_url(re.compile("/skills#main$"))
