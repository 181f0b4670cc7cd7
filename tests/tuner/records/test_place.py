"""Results lie in a file system."""

from pathlib import Path

import pytest

import tuner
from sr_models.errors import UserError
from tests.tuner.simulated import SimulatedEngine, run_tuner, study_file
from tuner.records.place import OWN, prepared_files, results_folder


@pytest.mark.parametrize("place", ["results", "/data/results", "a:b", Path("s3")])
def test_a_folder_is_a_folder(place: str | Path) -> None:
    assert results_folder(place) == Path(place)


@pytest.mark.parametrize("place", ["s3://bucket/runs", Path("s3://bucket/runs"), "GS://bucket/x"])
def test_an_object_store_is_refused(place: str | Path) -> None:
    with pytest.raises(UserError, match=r"://bucket/.*need a file system.*use a folder"):
        results_folder(place)


def test_the_command_and_the_function_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    file = study_file(tmp_path)
    assert run_tuner(file, "--results", "s3://bucket/runs") == 2
    assert "s3://bucket/runs: results need a file system" in " ".join(
        capsys.readouterr().err.split()
    )
    with pytest.raises(UserError, match="s3://bucket/runs: results need a file system"):
        tuner.search("analytic", {"x": tuner.Float(0, 1)}, results="s3://bucket/runs", trials=1)
    assert list(tmp_path.iterdir()) == [file], "nothing of that name was made"


def test_what_an_objective_has_prepared_is_told_from_what_a_study_writes(
    tmp_path: Path, engine: SimulatedEngine
) -> None:
    assert run_tuner(study_file(tmp_path), "--results", tmp_path) == 0
    study = tmp_path / "toy"
    assert {one.name for one in study.iterdir()} <= OWN
    assert prepared_files(study) == []
    (study / "index.json").write_text("{}")
    assert prepared_files(study) == [study / "index.json"]
    assert prepared_files(tmp_path / "nowhere") == []
