"""Settings on the page: exact, however long, and found however they are typed."""

import unicodedata
from pathlib import Path

import pytest

from tests.tuner.analysis.small_study import SmallStudy, psnr
from tests.tuner.page.scripting import run_script
from tests.tuner.page.test_model import FIND, page_data
from tuner.analysis.values import setting_text

LONG = [10**15 - 1, 10**15, 2**53 + 1, 2**63, -(2**60) - 1, 1e15, 2.5e17, [1, 2**60 + 1]]


def test_long_whole_numbers_are_written_as_in_the_terminal(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    for number, value in enumerate(LONG):
        study.trial(f"T{number}", psnr(20.0), params={"seed": value})
    shown = run_script(
        """
        const [study] = model_js.createModel(given).studies.values();
        const of = quantities_js.quantity("set:seed", study);
        return [...study.trials.values()].map((trial) => of.text(of.value(trial), trial));
        """,
        page_data(study),
    )
    assert [text.replace("−", "-") for text in shown] == [setting_text(value) for value in LONG]
    assert setting_text(LONG[2]) == "9007199254740993"


def test_settings_that_differ_in_the_last_digit_differ(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    for more in (1, 2):
        config = {"seed": 2**60 + more, "size": 24}
        study.trial(f"T{more}", psnr(20.0), params={"start": 2**60 + more}, config=config)
    find = FIND.replace("q: given.q", "where: given.where")
    for path in ("seed", "start"):
        where = [f"set:{path} = {2**60 + 1}"]
        assert run_script(find, {"data": page_data(study), "where": where}) == ["T1"]
    known = run_script(
        """
        const model = model_js.createModel(given);
        return catalogue_js.catalogue(selection_js.select(model), model).varied;
        """,
        page_data(study),
    )
    assert known == ["start"]


@pytest.mark.parametrize("typed", ["NFC", "NFD"])
@pytest.mark.parametrize("written", ["NFC", "NFD"])
def test_a_letter_of_one_sign_or_two_is_found(tmp_path: Path, typed: str, written: str) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial(unicodedata.normalize(written, "Fläche"), psnr(20.0))
    study.trial("Flache", psnr(19.0))
    found = run_script(
        FIND, {"data": page_data(study), "q": unicodedata.normalize(typed, "FLÄCHE")}
    )
    assert [unicodedata.normalize("NFC", name) for name in found] == ["Fläche"]


@pytest.mark.parametrize("name", ["=1+1", "+x", "-x", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1"])
def test_a_copied_name_that_would_run_in_a_spreadsheet_is_quoted(name: str) -> None:
    assert run_script("return copy_js.csv([[given]]);", name).strip('"') == f"'{name}"
    assert run_script("return copy_js.csv([[given]]);", "−1.5") == "-1.5"
