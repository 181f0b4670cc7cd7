"""Texts from trials and files are texts, whatever they look like."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.studies import HOSTILE_NAMES
from tests.tuner.page.conftest import BOTH_WAYS
from tests.tuner.page.reading import listed, settle
from tuner.page import build_page
from tuner.records import Records

if TYPE_CHECKING:
    from playwright.sync_api import Page

Opened = Callable[..., "Page"]
pytestmark = pytest.mark.slow
TABS = ("compare", "curves", "pictures", "search", "study")


@BOTH_WAYS
def test_no_name_or_error_becomes_part_of_the_page(opened: Opened) -> None:
    page = opened("hostile", at="changes=1&ref=0@hostile")
    for tab in TABS:
        page.locator(f"#tab-{tab}").click()
        settle(page)
        settle(page)
        page.locator(".trial").first.hover()
        assert page.evaluate("() => window.hacked") is None
        assert page.locator("#app script, #app img, #app iframe").count() == 0
    names = listed(page)
    assert HOSTILE_NAMES[0] in names
    assert HOSTILE_NAMES[1] in names
    assert HOSTILE_NAMES[2] in names
    text = page.locator(".failures").inner_text()
    assert "</pre><script>window.hacked=3</script>" in text


def test_marks_that_turn_text_around_are_spelt_out(opened: Opened) -> None:
    page = opened("hostile")
    name = next(name for name in listed(page) if "elpmis" in name)
    assert "\u202e" not in name
    assert "\\u202e" in name


def test_copied_tables_stay_tables(opened: Opened) -> None:
    page = opened("hostile", at="hide=5-13@hostile")

    def copied(name: str) -> str:
        page.get_by_role("group", name="Copy the table as").get_by_role("button", name=name).click()
        page.wait_for_selector(f".announcement:has-text('Table as {name} copied')")
        return str(page.evaluate("() => window.copied"))

    head = copied("CSV").splitlines()[0]
    assert "'= 1+1" in head
    assert copied("LaTeX").count("\\end{tabular}") == 1
    markdown = copied("Markdown").splitlines()
    assert "\\<script\\>" in markdown[0]
    assert "\\| x \\|" in markdown[0]


@BOTH_WAYS
def test_a_hostile_address_does_no_harm(opened: Opened) -> None:
    page = opened(
        at="tab=<script>&study=__proto__&hide=0-99999999999@step4&hide=x@&sort=fact:__proto__"
        "&where=a+b&where=%3Cimg%3E&zoom=NaN&ref=constructor&pin=%22&row=set:toString&image=9e9"
    )
    settle(page)
    assert page.locator("[role=tab][aria-selected=true]").inner_text() == "Compare"
    assert len(listed(page)) > 0


def test_settings_that_are_not_finite_and_files_that_are_not_json(
    tmp_path: Path, new_page: "Callable[..., Page]", results: Path
) -> None:
    study = tmp_path / "odd"
    study.mkdir()
    (study / "study.db").write_bytes((results / "step4" / "study.db").read_bytes())
    (study / "environment.json").write_text("{not json")
    with Records.open(study, write=True) as records:
        records.update_trial(0, params={"loss.type": float("nan"), "x": float("inf")})
        records.update_trial(1, static_metrics={"parameters": float("nan"), "__proto__": 3})
        records.set_info("data", {"a": [float("-inf"), {"b": "</script>"}]})
    html = build_page([study])
    assert "</script" not in html.split('id="page-data">')[1].split("</script>")[0]
    json.loads(html.split('id="page-data">')[1].split("</script>")[0])
    path = tmp_path / "odd.html"
    path.write_text(html, encoding="utf-8")
    page = new_page()
    page.goto(path.as_uri() + "#tab=study")
    page.wait_for_selector("text=environment.json is not there or is no JSON.")
