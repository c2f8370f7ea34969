"""The player in the page: it shows what it is told to, and says in words what it cannot."""

from collections.abc import Callable

from playwright.sync_api import Browser, Page, Route, expect


def test_a_pack_that_is_gone_is_told_on_the_card(browser: Browser, site: str) -> None:
    page = browser.new_page()
    page.route("**/packs/*", lambda route: route.fulfill(status=404, body=""))
    page.goto(site)
    card = page.get_by_role("alert")
    expect(card).to_contain_text("this run is not there any more; open it again")
    card.get_by_role("button", name="Close").click()
    expect(card).to_have_count(0)
    page.close()


def test_the_play_bar_stays_in_the_window_below_a_card(
    page: Page, turn: Callable[[str], Page]
) -> None:
    turn("Watch")
    page.route("**/packs/*", lambda route: route.fulfill(json={"format": "another"}))
    page.locator("#tab-watch select").first.select_option("sim_20170702_120000")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#tab-watch select").first).to_have_value("")  # as nothing else is shown
    page.wait_for_function(
        "document.querySelector('#tab-watch .cw-controls').getBoundingClientRect().bottom <= 801"
    )
    page.unroute("**/packs/*")
    page.get_by_role("alert").get_by_role("button", name="Close").click()
    page.locator("#tab-watch select").first.select_option("")


def test_a_pack_that_is_no_run_is_told_on_the_card(page: Page, turn: Callable[[str], Page]) -> None:
    def lie(route: Route) -> None:
        route.fulfill(json={"format": "commonwatt.timeline", "version": 99})

    turn("Watch")
    page.route("**/packs/*", lie)
    page.locator("#tab-watch select").first.select_option("sim_20170701_120000")
    expect(page.get_by_role("alert")).to_contain_text("This run cannot be shown")
    page.unroute("**/packs/*")
    page.get_by_role("alert").get_by_role("button", name="Close").click()
    page.locator("#tab-watch select").first.select_option("")


def test_a_player_that_cannot_be_loaded_is_told_on_the_card(browser: Browser, site: str) -> None:
    page = browser.new_page()
    page.route("**/player/player.js", lambda route: route.abort())
    page.goto(site)
    card = page.get_by_role("alert")
    expect(card).to_contain_text("the player did not start; load this page again")
    page.close()
