"""The compare view: every switch."""

import csv
import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.studies import BASELINES
from tests.tuner.page.conftest import BOTH_WAYS
from tests.tuner.page.reading import choices, columns, listed, row, row_labels, settle, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

Opened = Callable[..., "Page"]
pytestmark = pytest.mark.slow


def test_an_eye_hides_a_trial_everywhere(opened: Opened) -> None:
    page = opened()
    assert "AS-25" in columns(page)
    page.locator(".trial", has_text="AS-25").locator("[data-do=eye]").click()
    assert "AS-25" not in columns(page)
    assert "AS-25" in listed(page)
    assert "13 of 14 shown" in page.locator(".shown").inner_text()
    page.get_by_role("tab", name="Curves").click()
    page.wait_for_selector(".legend")
    assert "AS-25" not in page.locator(".legend").inner_text()
    page.get_by_role("tab", name="Compare").click()
    page.get_by_role("button", name="Show all").click()
    assert "AS-25" in columns(page)


def test_the_eye_of_a_column_hides_it_too(opened: Opened) -> None:
    page = opened()
    page.locator("thead th", has_text="AS-24").locator("[data-do=eye]").click()
    assert "AS-24" not in columns(page)
    assert choices(page)["hide"] == ["0@step4"]


def test_a_pinned_trial_comes_first_and_stays_in_sight(opened: Opened) -> None:
    page = opened()
    assert columns(page)[:2] == ["AS-24", "bicubic"]  # the reference comes first
    page.locator(".trial", has_text="AS-26").locator("[data-do=pin]").click(force=True)
    assert columns(page)[:3] == ["AS-24", "AS-26", "bicubic"]
    page.locator(".table-scroll").evaluate("element => element.scrollTo(1500, 0)")
    page.wait_for_timeout(100)
    box = page.locator("thead th", has_text="AS-26").bounding_box()
    assert box is not None
    assert 0 < box["x"] < 800
    page.locator(".trial", has_text="AS-26").locator("[data-do=pin]").click(force=True)
    assert "pin" not in choices(page)


def test_rows_with_diff_only(opened: Opened) -> None:
    page = opened(at="row=set:training.batch_size")
    assert "training.batch_size" in row_labels(page)
    page.get_by_role("button", name="Rows with diff only").click()
    labels = row_labels(page)
    assert "training.batch_size" not in labels
    assert "optimizer.learning_rate" in labels
    assert choices(page)["diff"] == ["1"]


def test_cell_changes_are_signed_and_judged_against_the_reference(opened: Opened) -> None:
    page = opened(at="hide=4-13@step4")
    page.get_by_role("button", name="Show cell changes").click()
    settle(page)
    assert "changes from AS-24" in page.locator(".corner").inner_text()
    losses = page.locator("tr[data-row='at:validation/loss']")
    apart = losses.locator("td", has_text="report 0.459128")
    assert (apart.get_attribute("class") or "").split()[:2] == ["changed", "apart"]  # MAE, not MSE
    assert apart.locator(".difference").inner_text().startswith("+")
    worse = page.locator("tr[data-row='at:validation/psnr'] td.changed.worse .difference")
    assert worse.count() > 0
    assert all(text.startswith("−") for text in worse.all_inner_texts())
    assert row(page, "set:loss.type")["AS-25"] == "≠ mae"
    page.locator("thead th", has_text="AS-26").locator("[data-do=reference]").click()
    settle(page)
    better = losses.locator("td.changed.better")
    assert better.count() == 2  # the other two of the same loss
    assert all(text.startswith("−") for text in better.locator(".difference").all_inner_texts())
    assert choices(page)["ref"] == ["2@step4"]


def test_the_best_of_each_row_is_marked_and_no_failed_trial_is(opened: Opened) -> None:
    page = opened(at="hide=4-13@step4")
    psnr = row(page, "at:validation/psnr")
    trials = {name: text for name, text in psnr.items() if name != "bicubic"}
    best = [name for name, text in trials.items() if "★" in text]
    values = {name: float(text.removeprefix("★ ")) for name, text in trials.items()}
    assert best == [max(values, key=lambda name: values[name])]
    loss = row(page, "at:validation/loss")
    assert sum("★" in text for text in loss.values()) == 0  # they are of different kinds
    page.goto(page.url.replace("hide=4-13@step4", "hide=0.4-13@step4"))
    loss = row(page, "at:validation/loss")
    assert sum("★" in text for text in loss.values()) == 1


def test_min_max_and_last(opened: Opened) -> None:
    page = opened()
    assert "validation/loss" in row_labels(page)
    values = page.get_by_role("group", name="Values")
    for name in ("at best epoch", "min", "max", "last"):
        values.get_by_role("button", name=name, exact=True).click()
    labels = row_labels(page)
    assert "validation/loss" not in labels
    assert {"validation/loss min", "validation/loss max", "validation/loss last"} <= set(labels)
    low, high = row(page, "min:validation/psnr"), row(page, "max:validation/psnr")
    number = float(low["AS-24"])
    assert number < float(high["AS-24"].removeprefix("★ "))


def test_decibels_and_the_reports_scale(opened: Opened) -> None:
    page = opened(at="hide=4-13@step4")
    decibels = float(row(page, "at:validation/psnr")["bicubic"])
    on_scale = float(row(page, "scale:validation/psnr")["bicubic"])
    assert on_scale == pytest.approx(2 * decibels / 10)
    scale = page.get_by_role("group", name="Scale")
    scale.get_by_role("button", name="dB").click()
    settle(page)
    assert page.locator("tr[data-row='scale:validation/psnr']").count() == 0
    assert "report 4.02061" in row(page, "at:validation/psnr")["AS-24"]
    scale.get_by_role("button", name="report's scale").click()
    settle(page)
    assert page.locator("tr[data-row='at:validation/psnr']").count() == 0
    assert "report 4.02061" in row(page, "scale:validation/psnr")["AS-24"]


def test_sorting_by_a_row_and_by_the_list(opened: Opened) -> None:
    page = opened()
    best_first = listed(page)
    page.locator("tr[data-row='at:validation/psnr'] .row-label").click()
    assert listed(page)[0] == best_first[0]
    page.locator("tr[data-row='at:validation/psnr'] .row-label").click()
    assert listed(page)[0] != best_first[0]
    page.get_by_label("Sort trials by").select_option("name")
    assert listed(page)[:4] == ["AS-24", "AS-25", "AS-26", "AS-27"]
    page.get_by_role("button", name="Reverse the order").click()
    assert listed(page)[-1] == "AS-24"


def test_finding_by_text(opened: Opened) -> None:
    page = opened()
    page.get_by_role("searchbox").fill("as-2")
    wait_for(page, "document.querySelectorAll('.trial').length === 4")
    page.get_by_role("searchbox").fill("nonfinite")
    wait_for(page, "document.querySelectorAll('.trial').length === 1")
    page.get_by_role("searchbox").fill("nobody is called this")
    page.wait_for_selector("text=No trial passes the filters.")


def test_filtering_by_state_and_kind(opened: Opened) -> None:
    page = opened()
    page.get_by_role("button", name="failed").click()
    assert len(listed(page)) == 1
    page.get_by_role("button", name="failed").click()
    page.get_by_role("button", name="baselines").click()
    assert sorted(listed(page)) == list(BASELINES)
    assert sorted(columns(page)) == [*BASELINES, "bicubic"]


def test_filtering_by_value(opened: Opened) -> None:
    page = opened()
    page.locator("[data-menu=filter] summary").click()
    page.get_by_label("Value to filter by").select_option("set:loss.type")
    page.get_by_label("Comparison", exact=True).select_option("=")
    page.get_by_label("Value", exact=True).fill("mse")
    page.get_by_role("button", name="Add").click()
    page.keyboard.press("Escape")
    assert {text for name, text in row(page, "set:loss.type").items() if name != "bicubic"} == {
        "mse"
    }
    chip = page.locator(".chip")
    assert "loss.type = mse" in chip.inner_text()
    chip.click()
    assert len(listed(page)) == 14


def test_showing_only_the_first(opened: Opened) -> None:
    page = opened()
    page.locator("[data-menu=filter] summary").click()
    page.get_by_label("How many trials").fill("3")
    page.locator("form", has_text="Show only the first").get_by_role("button").click()
    assert len(columns(page)) == 4
    assert sorted(columns(page)) == sorted(["bicubic", *listed(page)[:3]])


def test_choosing_rows_and_the_bicubic_column(opened: Opened) -> None:
    page = opened()
    page.locator("[data-menu=rows] summary").click()
    page.get_by_label("validation/ssim").check()
    page.get_by_label("loss.type").uncheck()
    labels = row_labels(page)
    assert "validation/ssim" in labels
    assert "loss.type" not in labels
    page.get_by_role("button", name="Reset").click()
    assert "loss.type" in row_labels(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Bicubic", exact=True).click()
    assert "bicubic" not in columns(page)


def test_copying_as_csv_markdown_and_latex(opened: Opened) -> None:
    page = opened(at="hide=4-13@step4")

    def copied(name: str) -> str:
        page.get_by_role("group", name="Copy the table as").get_by_role("button", name=name).click()
        page.wait_for_selector(f".announcement:has-text('Table as {name} copied')")
        return str(page.evaluate("() => window.copied"))

    rows = {line[0]: line for line in csv.reader(io.StringIO(copied("CSV")))}
    assert sorted(rows[""][1:]) == [*BASELINES, "bicubic"]
    assert rows[""][1] == "AS-24"
    assert rows["loss.type"][1] == "mse"
    markdown = copied("Markdown").splitlines()
    assert markdown[1].startswith("|---|---:|")
    assert all(line.count("|") == 7 for line in markdown)
    latex = copied("LaTeX")
    assert latex.startswith("\\begin{tabular}{lrrrrr}")
    assert "learning\\_rate" in latex


@BOTH_WAYS
def test_copying_without_a_right_to_the_clipboard(opened: Opened) -> None:
    page = opened(at="hide=4-13@step4")
    page.evaluate(
        """() => {
          navigator.clipboard.writeText = async () => { throw new Error("not allowed"); };
          document.addEventListener("copy", (event) => { window.copied = event.target.value; });
        }"""
    )
    page.get_by_role("button", name="CSV").click()
    page.wait_for_selector(".announcement:has-text('copied')")
    assert str(page.evaluate("() => window.copied")).startswith(",AS-24,bicubic,")


@BOTH_WAYS
def test_the_reports_table_in_a_few_clicks(opened: Opened) -> None:
    """Step 4's table: four runs, ten rows, the reported figures beside ours."""
    page = opened()
    page.get_by_role("button", name="baselines").click()
    page.get_by_label("Sort trials by").select_option("name")
    page.locator("[data-menu=rows] summary").click()
    for label in ("training.batch_size", "training.patience"):
        page.get_by_label(label).check()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="report's scale", exact=True).click()
    assert columns(page) == ["AS-24", "bicubic", *list(BASELINES)[1:]]
    batches = row(page, "set:training.batch_size")
    assert [batches[name] for name in BASELINES] == ["10"] * 4
    assert row(page, "set:optimizer.betas")["AS-26"] == "[0.9, 0.95]"
    for name, (_, reported) in BASELINES.items():
        for metric, figure in reported.items():
            kind = "scale" if metric.endswith("psnr") else "at"
            assert f"report {figure}" in row(page, f"{kind}:{metric}")[name]


@BOTH_WAYS
def test_two_studies_side_by_side(opened: Opened) -> None:
    page = opened("step4", "step5", at="hide=4-13@step4&hide=4-7@step5")
    assert columns(page).count("bicubic") == 2
    heads = page.locator(".table-scroll thead .column-study").all_inner_texts()
    assert heads.count("step4") == heads.count("step5") == 5
    assert page.locator("h1").inner_text() == "step4 · step5"
    page.locator("[data-menu=studies] summary").click()
    page.locator("[data-menu=studies]").get_by_label("step5").uncheck()
    assert columns(page).count("bicubic") == 1
    assert choices(page)["study"] == ["step4"]
