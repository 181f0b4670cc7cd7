from pathlib import Path

import pytest

from tests.tuner.analysis.small_study import SmallStudy
from tuner.analysis.comparison import compare
from tuner.analysis.lookup import NoSuchTrialError, find_row


def message(tmp_path: Path, names: list[str], wanted: str) -> str:
    study = SmallStudy(tmp_path / "s")
    for name in names:
        study.trial(name)
    with pytest.raises(NoSuchTrialError) as raised:
        find_row(compare(study.records).rows, wanted, ["step4"])
    return str(raised.value)


@pytest.mark.parametrize(
    ("names", "wanted", "expected"),
    [
        (["AS-24", "T001"], "as24", "step4 has no trial 'as24'; did you mean 'AS-24'?"),
        (["T001", "T002"], "T01", "step4 has no trial 'T01'; did you mean 'T001'?"),
        (["one", "two"], "xyz", "step4 has no trial 'xyz'; it has 'one', 'two'"),
        ([], "a", "step4 has no trial 'a'; it has no trials yet"),
        (["a", "a b"], "", "step4 has no trial ''; it has 'a', 'a b'"),
    ],
)
def test_a_name_that_is_not_there(
    tmp_path: Path, names: list[str], wanted: str, expected: str
) -> None:
    assert message(tmp_path, names, wanted) == expected


def test_of_many_names_only_some_are_listed(tmp_path: Path) -> None:
    assert message(tmp_path, [f"n{i}" for i in range(9)], "zzz").endswith("'n4' and 4 more")


def test_found_by_its_name_or_with_its_study(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a")
    rows = compare(study.records).rows
    assert find_row(rows, "a", ["step4"]) is find_row(rows, "step4/a", ["step4"])
