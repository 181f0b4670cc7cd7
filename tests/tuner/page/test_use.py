"""Working with the page: rows, drawers, charts by hand and keyboard, pictures, notes."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.studies import write_study
from tests.tuner.page.reading import choices, ink, listed, settle, wait_for
from tuner.records.notes import TrialNote, read_notes

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
PSNR = "[aria-label^='Curves of validation/psnr']"
OpenPage = Callable[[str], "Page"]


@pytest.fixture
def at(files: Callable[..., str], new_page: Callable[..., "Page"]) -> OpenPage:
    """Opens the file of a study at an address."""

    def open_page(address: str) -> "Page":
        page = new_page()
        page.goto(f"{files('step4')}#{address}")
        page.wait_for_selector(".trial")
        settle(page)
        return page

    return open_page


def heads(page: "Page") -> list[str]:
    settle(page)
    return [
        str(text)
        for text in page.locator(".trial-table thead tr:first-child th").evaluate_all(
            "all => all.map(one => one.dataset.column ?? '')"
        )
    ]


def names(page: "Page") -> list[str]:
    settle(page)
    return page.locator(".trial-table tbody th bdi").all_inner_texts()


def test_trials_as_rows_are_sorted_grouped_and_their_columns_moved(at: OpenPage) -> None:
    page = at("tab=trials")
    others = [name for name in listed(page) if name != "AS-24"]
    assert names(page) == others  # the reference stays below the head, and stands there only
    assert page.locator(".trial-table .pinned th bdi").all_inner_texts() == ["AS-24"]
    columns = heads(page)
    assert columns[1] == "at:validation/psnr"
    assert all(one.startswith("set:") for one in columns[2:6])
    assert not columns[6].startswith("set:")
    page.locator("[data-column='set:optimizer.learning_rate'] button").click()
    assert names(page) == [name for name in listed(page) if name != "AS-24"]
    assert choices(page)["sort"] == ["set:optimizer.learning_rate"]
    page.locator("[data-menu=columns] summary").click()
    second = heads(page)[2]
    page.locator("[data-menu=columns] .ordered").nth(1).get_by_role("button").first.click()
    assert heads(page)[1] == second
    page.keyboard.press("Escape")
    page.get_by_label("Group by").select_option("set:loss.type")
    settle(page)
    groups = page.locator(".group-row")
    assert groups.count() == 3
    assert "±" in groups.first.inner_text()
    groups.first.get_by_role("button").click()
    count = int(groups.first.locator("th .note").inner_text())
    assert len(names(page)) == count


def test_a_drawer_says_what_there_is_of_a_trial(at: OpenPage) -> None:
    page = at("tab=compare")
    page.locator(".trial", has_text="AS-25").locator(".trial-link").click()
    drawer = page.locator("#drawer")
    drawer.wait_for()
    text = drawer.inner_text()
    assert choices(page)["trial"] == ["1@step4"]
    assert "optimizer.learning_rate" in text
    assert "--trial AS-25" in text
    assert drawer.locator("canvas.picture").count() == 4
    assert page.evaluate("() => document.activeElement.id") == "drawer"
    drawer.get_by_role("button", name="Colour 8").click()
    settle(page)
    assert choices(page)["pin"] == ["1@step4"]
    assert "7:1@step4" in choices(page)["colour"]
    page.locator("#drawer").press("Escape")
    settle(page)
    assert page.locator("#drawer").count() == 0
    assert page.evaluate("() => document.activeElement.className").startswith("plain trial-link")


def test_a_drag_looks_closer_and_pins_nothing(at: OpenPage) -> None:
    page = at("tab=curves&hide=1-13@step4")
    page.wait_for_selector(PSNR)
    settle(page)
    settle(page)
    before = ink(page, PSNR)
    box = page.locator(PSNR).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 220, box["y"] + 160, steps=4)
    page.mouse.up()
    wait_for(page, "!document.querySelector('.show-all').hidden")
    settle(page)
    assert ink(page, PSNR) != before
    assert "pin" not in choices(page)
    page.locator(f"{PSNR} .show-all").click()
    wait_for(page, "document.querySelector('.show-all').hidden")
    settle(page)
    assert ink(page, PSNR) == before


def test_a_chart_by_keyboard_and_for_screen_readers(at: OpenPage) -> None:
    page = at("tab=curves&hide=1-13@step4")
    chart = page.locator(PSNR)
    chart.focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    first = page.locator("#reading").inner_text()
    assert first.startswith("AS-24, epoch 1: ")
    page.keyboard.press("ArrowRight")
    settle(page)
    assert page.locator("#reading").inner_text().startswith("AS-24, epoch 2: ")
    assert page.locator(".trial[data-lit]").count() == 1
    page.keyboard.press("Enter")
    assert choices(page)["pin"] == ["0@step4"]
    page.keyboard.press("+")
    wait_for(page, "!document.querySelector('.show-all').hidden")
    page.keyboard.press("0")
    wait_for(page, "document.querySelector('.show-all').hidden")


def test_the_crosshair_names_all_values(at: OpenPage) -> None:
    page = at("tab=curves&hide=4-13@step4")
    box = page.locator(PSNR).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 80, box["y"] + 200)
    wait_for(page, "document.querySelectorAll('.tooltip-rows .name').length === 4")
    text = page.locator("#tooltip").inner_text()
    assert text.startswith("epoch ")
    assert text.count(" dB") == 4


def test_a_chart_is_saved_and_read(at: OpenPage) -> None:
    page = at("tab=curves")
    menu = page.locator(".plot", has_text="validation/psnr").first.locator("[data-menu=chart]")
    for kind, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        menu.locator("summary").click()
        with page.expect_download() as saved:
            menu.get_by_role("button", name=f"Save as {kind}").click()
        assert saved.value.suggested_filename == f"validation-psnr.{kind.lower()}"
        assert Path(saved.value.path()).read_bytes().startswith(start)
    menu.locator("summary").click()
    menu.get_by_role("button", name="Show the data").click()
    dialog = page.get_by_role("dialog")
    assert dialog.locator("thead").inner_text().split() == ["trial", "epoch", "validation/psnr"]
    dialog.get_by_role("button", name="Copy as CSV").click()
    assert "AS-24,1," in page.evaluate("() => window.copied")
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog").count() == 0


def test_pictures_in_whole_multiples_wiped_and_as_a_figure(at: OpenPage) -> None:
    page = at("tab=pictures&output=large&sort=number")
    ready = (
        "[...document.querySelectorAll('canvas.picture')].filter(card => card.inSight)"
        ".slice(0, 4).every(card => 'ready' in card.dataset)"
    )
    wait_for(page, ready)
    own = page.locator(".card", has_text="AS-24").locator("canvas")
    page.get_by_role("button", name="2×").click()
    wait_for(page, "document.querySelector('.card canvas').clientWidth === 96")
    wait_for(page, ready)
    before = own.evaluate("canvas => canvas.toDataURL()")
    page.get_by_label("In its place").select_option("target")
    wait_for(page, ready)
    settle(page)
    assert own.evaluate("canvas => canvas.toDataURL()") != before
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a figure").click()
    content = Path(saved.value.path()).read_bytes()
    width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    assert width == 9 * (240 + 8) + 8  # LR, bicubic, six trials, target
    assert height == 240 + 16 + 46


def test_notes_are_kept_with_the_study(
    tmp_path: Path, serve: Callable[[Path], str], new_page: Callable[..., "Page"]
) -> None:
    write_study(tmp_path / "s", trials=4)
    page = new_page()
    page.goto(f"{serve(tmp_path)}#trial=1@s")
    page.wait_for_selector("#drawer")
    page.get_by_role("button", name="Give it a star").click()
    page.wait_for_selector(".trial .star")
    page.get_by_label("Tags, with commas").fill("good, for the paper")
    page.get_by_label("Note", exact=True).fill("look at the edges")
    page.get_by_label("Note", exact=True).press("Tab")
    noted = read_notes(tmp_path / "s")
    for _ in range(100):
        if noted.trials.get("AS-25", TrialNote()).text:
            break
        page.wait_for_timeout(100)
        noted = read_notes(tmp_path / "s")
    page.locator(".chips").get_by_role("button", name="starred").click()
    settle(page)
    assert listed(page) == ["AS-25"]
    page.locator("[data-menu=views] summary").click()
    page.get_by_label("Name of the view").fill("starred ones")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.wait_for_selector("[data-menu=views] .ordered:has-text('starred ones')")
    noted = read_notes(tmp_path / "s")
    note = noted.trials["AS-25"]
    assert (note.star, note.tags, note.text) == (
        True,
        ("good", "for the paper"),
        "look at the edges",
    )
    assert "starred=1" in noted.views[0].address
    page.locator(".chips").get_by_role("button", name="starred").click()
    page.get_by_role("searchbox").fill("#good edges")
    wait_for(page, "document.querySelectorAll('.trial').length === 1")


def test_a_phone_shows_the_view_first(
    files: Callable[..., str], new_page: Callable[..., "Page"]
) -> None:
    page = new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{files('step4')}#tab=trials")
    page.wait_for_selector(".trial-table")
    settle(page)
    assert page.locator(".trial").count() == 0
    assert page.locator(".trial-table .pinned .note").is_visible()  # "reference"
    page.locator("#tab-compare").click()
    settle(page)
    groups = page.locator(".toolbar .one-of")
    heights = groups.evaluate_all("all => all.map(one => one.clientHeight)")
    assert max(heights) < 45  # no group is broken into lines
    page.get_by_role("button", name="Show the list of trials").click()
    page.wait_for_selector(".trial")


def test_a_phone_loses_nothing(at: OpenPage) -> None:
    page = at("tab=compare")
    page.set_viewport_size({"width": 390, "height": 844})
    wait_for(page, "document.querySelector('.table-scroll .sticky') === null")
    page.locator(".table-scroll").evaluate("element => element.scrollTo(264, 0)")
    settle(page)
    whole = "boxes => boxes.filter(one => one.left >= 150 && one.right <= 380).length"
    rights = page.locator(".table-scroll thead th[data-trial]").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(({left, right}) => ({left, right}))"
    )
    assert page.evaluate(whole, rights) >= 1  # a trial can be seen beside the names of the rows
    label = page.locator("tr[data-row='at:validation/psnr'] .row-label").first.inner_text()
    assert " ".join(label.split()) == "validation/psnr max dB"
    tabs = page.locator(".tabs").evaluate("tabs => [tabs.scrollWidth, tabs.clientWidth]")
    assert tabs[0] <= tabs[1]
    for tab in ("compare", "trials", "curves", "pictures", "search", "study"):
        page.locator(f"#tab-{tab}").click()
        settle(page)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390, tab
    page.locator(".trial-link").first.click()
    page.wait_for_selector("#drawer")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
