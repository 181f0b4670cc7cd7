"""A machine is looked at from inside before it gets a trial."""

from pathlib import Path

import pytest

from tuner.executors.ray.probe import difference, look_around

PACKAGES = ("ray", "no-such-package")


@pytest.fixture
def nonce(tmp_path: Path) -> tuple[str, str]:
    folder = tmp_path / "results" / ".scratch"
    folder.mkdir(parents=True)
    (folder / "nonce").write_text("word")
    return str(folder / "nonce"), "word"


def test_a_machine_that_sees_all_has_no_problem(nonce: tuple[str, str]) -> None:
    found = look_around(*nonce, PACKAGES)
    assert found["problem"] is None
    assert found["packages"]["ray"]
    assert found["packages"]["no-such-package"] is None
    assert difference(found, look_around(*nonce, PACKAGES)) is None


def test_a_folder_of_that_name_is_not_enough(nonce: tuple[str, str]) -> None:
    assert look_around(*nonce, PACKAGES)["sees_results"]
    assert not look_around(nonce[0], "another word", PACKAGES)["sees_results"]
    Path(nonce[0]).unlink()
    found = look_around(*nonce, PACKAGES)
    assert not found["sees_results"]
    assert found["problem"] is None, "its files come and go through Ray"


def test_a_machine_without_room_for_temporary_files_cannot_train(
    nonce: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    problem = str(look_around(*nonce, PACKAGES)["problem"])
    assert "temporary files cannot be written (No space left on device)" in problem


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"packages": {"ray": "1.0"}}, "it has ray 1.0, and the driver "),
        ({"packages": {"ray": None}}, "it has ray not at all, and the driver "),
        ({"python": "3.9.1"}, "it has Python 3.9.1, and the driver "),
        ({"source": {}}, "its code of sr-tuner differs from the driver's"),
    ],
)
def test_what_would_not_compare_is_told(
    nonce: tuple[str, str], changes: dict[str, object], said: str
) -> None:
    here = look_around(*nonce, ("ray",))
    assert str(difference(here, here | changes)).startswith(said)
