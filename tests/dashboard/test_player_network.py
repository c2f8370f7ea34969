"""The network and the table: what is drawn adds up to the pack, and every figure can be read."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.conftest import Mount
from tests.dashboard.packs import Pack, make

NOON = 26  # 13:00: homes sell to each other and to the grid
ROUNDING_KWH = 1e-3
DRAWN = """() => [...document.querySelectorAll(".cw-network:last-child .cw-arrow")]
    .filter((arrow) => arrow.getAttribute("display") !== "none")
    .map((arrow) => [arrow.classList[1], Number(arrow.dataset.kwh)])"""


def go_to(page: Page, step: int) -> None:
    page.locator(".cw-slider").fill(str(step))
    page.locator(".cw-slider").blur()
    expect(page.locator(".cw-progress")).to_have_text(re.compile(rf"^{step + 1} of "))


def drawn_kwh(page: Page) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"cw-buy": [], "cw-sell": [], "cw-p2p": []}
    for kind, kwh in page.evaluate(DRAWN):
        found[kind].append(kwh)
    return found


def not_drawn_kwh(page: Page) -> float:
    words = page.locator(".cw-left-out").inner_text() if page.is_visible(".cw-left-out") else ""
    return sum(float(kwh) for kwh in re.findall(r"([\d.]+) kWh", words))


@pytest.mark.parametrize("step", [0, NOON, 36, 95])
def test_arrows_add_up_to_the_energies_of_the_step(
    mount: Mount, small_pack: Pack, step: int
) -> None:
    page = mount(small_pack)
    go_to(page, step)
    steps = small_pack["arms"]["market"]["steps"]
    drawn = drawn_kwh(page)
    assert sum(drawn["cw-buy"]) == pytest.approx(sum(steps["import_kwh"][step]), abs=ROUNDING_KWH)
    assert sum(drawn["cw-sell"]) == pytest.approx(sum(steps["export_kwh"][step]), abs=ROUNDING_KWH)
    traded = sum(steps["p2p_in_kwh"][step])
    assert sum(drawn["cw-p2p"]) == pytest.approx(traded, abs=ROUNDING_KWH)


def test_a_hundred_homes_are_sixty_and_the_others_and_the_weakest_flows_are_said(
    mount: Mount,
) -> None:
    pack = make(homes=60, days=1, others=40, pairs_max=120)
    pack["arms"]["market"]["trades"][NOON].append([60, 60, 1.25, 14.5])
    page = mount(pack)
    go_to(page, NOON)
    expect(page.locator(".cw-node")).to_have_count(61)
    expect(page.locator(".cw-node").last).to_have_attribute("aria-label", re.compile("40 others"))
    drawn = drawn_kwh(page)
    assert len(drawn["cw-p2p"]) == 60
    traded = sum(kwh for _, _, kwh, _ in pack["arms"]["market"]["trades"][NOON])
    left = not_drawn_kwh(page)
    assert left > 1.25
    assert sum(drawn["cw-p2p"]) + left == pytest.approx(traded, abs=0.01)
    expect(page.locator(".cw-left-out")).to_contain_text("traded among the others, 1.25 kWh")


def test_the_grid_tells_this_step_and_the_day_so_far(mount: Mount, small_pack: Pack) -> None:
    page = mount(small_pack)
    go_to(page, 48 + NOON)
    bought = small_pack["arms"]["market"]["steps"]["import_kwh"]
    expect(page.locator(".cw-hub-buy")).to_have_text(f"buy {sum(bought[48 + NOON]):.2f} kWh")
    today = sum(map(sum, bought[48 : 48 + NOON + 1]))
    page.locator(".cw-hub").focus()
    expect(page.locator(".cw-tooltip")).to_contain_text(f"Bought today{today:.3f} kWh")


def test_a_home_in_focus_tells_every_figure_and_escape_closes_it(
    mount: Mount, small_pack: Pack
) -> None:
    page = mount(small_pack)
    go_to(page, NOON)
    page.locator(".cw-node").first.focus()
    steps = small_pack["arms"]["market"]["steps"]
    figure = {field: rows[NOON][0] for field, rows in steps.items()}
    names = page.locator(".cw-tooltip dt").all_inner_texts()
    told = dict(zip(names, page.locator(".cw-tooltip dd").all_inner_texts(), strict=True))
    assert told["Consumption"] == f"{figure['load_kwh']:.3f} kWh"
    assert told["Production"] == f"{figure['pv_kwh']:.3f} kWh"
    assert told["Sold to homes"] == f"{figure['p2p_out_kwh']:.3f} kWh"
    assert told["Bought from homes"] == f"{figure['p2p_in_kwh']:.3f} kWh"
    assert told["Sold to the grid"] == f"{figure['export_kwh']:.3f} kWh"
    assert told["Bought from the grid"] == f"{figure['import_kwh']:.3f} kWh"
    assert told["Wallet"] == f"${figure['wallet_usd']:.2f}"
    assert told["Gain on the baseline"] == f"${figure['gain_usd']:.2f}"
    stored, percent = figure["stored_kwh"], figure["stored_kwh"] / 6.4
    assert told["Battery"] == f"{percent:.0%}, {stored:.3f} of 6.4 kWh"
    assert told["Score"] == f"{figure['score']:.1f}"
    assert told["State"] == {1: "doing well", 0: "normal", -1: "struggling"}[figure["state"]]
    assert told["Signal"] == {1: "GREEN", 0: "none", -1: "RED"}[figure["light"]]
    assert set(told) - {"Battery takes"} == {
        *("Consumption", "Production", "Sold to homes", "Bought from homes", "Sold to the grid"),
        *("Bought from the grid", "Wallet", "Gain on the baseline", "Battery", "Score", "State"),
        "Signal",
    }
    page.keyboard.press("Escape")
    expect(page.locator(".cw-tooltip")).to_be_hidden()


def test_an_arrow_under_the_pointer_or_in_focus_tells_who_how_much_and_at_what_price(
    mount: Mount, small_pack: Pack
) -> None:
    page = mount(small_pack)
    go_to(page, NOON)
    arrow = page.locator(".cw-arrow.cw-p2p").first
    arrow.focus()
    tooltip = page.locator(".cw-tooltip")
    expect(tooltip).to_contain_text(re.compile(r"Home \d sells to Home \d"))
    expect(tooltip).to_contain_text("Price14.50 ct/kWh")
    arrow.blur()
    expect(tooltip).to_be_hidden()
    page.locator(".cw-node").nth(1).hover()
    expect(tooltip).to_contain_text("Home 2")


def test_tab_reaches_homes_the_grid_and_arrows(mount: Mount, small_pack: Pack) -> None:
    page = mount(small_pack)
    go_to(page, NOON)
    page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.getAttribute('class')?.split(' ')[0]"))
    assert {"cw-skip", "cw-node", "cw-hub", "cw-arrow"} <= reached


def _cells(page: Page, body: str) -> list[list[str]]:
    rows = page.locator(f"{body} tr").all()
    return [row.locator("th, td").all_inner_texts() for row in rows]


@pytest.mark.parametrize("arm", ["market", "self_use"])
def test_the_table_holds_the_figures_of_the_pack(mount: Mount, small_pack: Pack, arm: str) -> None:
    page = mount(small_pack)
    go_to(page, NOON)
    page.get_by_role("button", name="Table").click()
    page.get_by_label("Figures of").select_option(arm)
    steps = small_pack["arms"][arm]["steps"]
    fields = ["stored_kwh", "battery_kwh", "load_kwh", "pv_kwh", "p2p_in_kwh", "p2p_out_kwh"]
    fields += ["import_kwh", "export_kwh", "wallet_usd", "gain_usd"]
    expected = [[f"{steps[f][NOON][row]:.4f}" for f in fields] for row in range(6)]
    assert [row[3:13] for row in _cells(page, ".cw-homes-table tbody")] == expected
    sums = [f"{sum(steps[f][NOON]):.4f}" for f in fields]
    assert _cells(page, ".cw-homes-table tfoot")[0][3:13] == sums
    trades = small_pack["arms"][arm]["trades"][NOON]
    said = [
        [f"Home {int(seller) + 1}", f"Home {int(buyer) + 1}", f"{kwh:.4f}", f"{cents:.3f}"]
        for seller, buyer, kwh, cents in trades
    ]
    assert _cells(page, ".cw-trades-table tbody") == said
    page.get_by_role("button", name="Charts", exact=True).click()


def test_labels_of_arrows_do_not_lie_on_each_other(mount: Mount) -> None:
    page = mount(make(homes=50, days=1, pairs_max=80))
    go_to(page, NOON)
    overlaps = page.evaluate("""() => {
        const boxes = [...document.querySelectorAll(".cw-arrow-label")]
            .filter((label) => label.getAttribute("display") === "inline")
            .map((label) => label.querySelector("text").getBoundingClientRect());
        const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
            && a.top < b.bottom - 3 && b.top < a.bottom - 3;
        const pairs = boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => meet(a, b)));
        return [boxes.length, pairs.length];
    }""")
    assert overlaps[0] >= 8
    assert overlaps[1] == 0


def test_an_arrow_that_was_hidden_meanwhile_opens_nothing(mount: Mount, small_pack: Pack) -> None:
    page = mount(small_pack)
    go_to(page, NOON)
    go_to(page, 0)
    late = """() => document.querySelector(".cw-arrow[display=none]")
        .dispatchEvent(new PointerEvent("pointerenter"))"""
    page.evaluate(late)
    expect(page.locator(".cw-tooltip")).to_be_hidden()


@pytest.mark.parametrize(("homes", "beside"), [(9, True), (12, False), (20, False)])
def test_wallet_bought_and_sold_stand_beside_every_home_of_a_live_page(
    mount: Mount, homes: int, beside: bool
) -> None:
    pack = make(homes=homes, days=1)
    page = mount(pack)
    page.evaluate("document.getElementById('host').style.setProperty('--cw-offset', '118px')")
    if beside:
        page.keyboard.press("b")
    go_to(page, NOON)
    wallets = pack["arms"]["market"]["steps"]["wallet_usd"][NOON]
    texts = page.locator(".cw-network:last-child .cw-node").all_text_contents()
    assert len(texts) == homes
    for text, wallet in zip(texts, wallets, strict=True):
        assert f"${wallet:.2f}" in text
        assert re.search(r"(0\.0|\+\d+\.\d)/(0\.0|\u2212\d+\.\d)", text)
    overlaps = page.evaluate("""() => {
        const nodes = [...document.querySelectorAll(".cw-network:last-child .cw-node")];
        const boxes = nodes.map((node) => [...node.querySelectorAll(".cw-line")]
            .map((line) => line.getBoundingClientRect()));
        const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
            && a.top < b.bottom - 3 && b.top < a.bottom - 3;
        return boxes.flatMap((of, i) => boxes.slice(i + 1).flatMap((others) =>
            of.flatMap((a) => others.filter((b) => meet(a, b))))).length;
    }""")
    page.evaluate("document.getElementById('host').removeAttribute('style')")
    assert overlaps == 0
