"""Pictures and texts that a trial writes through its context."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import tuner
from tests.tuner.objectives.command.scripts import run as run_command
from tests.tuner.objectives.command.scripts import script
from tests.tuner.objectives.functions import objective, run
from tests.tuner.simulated import SimulatedEngine
from tuner.objectives.errors import ObjectiveError
from tuner.objectives.pictures import write_picture, write_text
from tuner.page.pictures import manifest, shared_data, trial_pictures

RED = np.zeros((8, 6, 3), np.uint8)
RED[..., 0] = 255


def kinds() -> Iterator[Any]:
    import torch

    yield pytest.param(RED, id="bytes")
    yield pytest.param(RED / 255.0, id="fractions")
    yield pytest.param(torch.tensor(RED).permute(2, 0, 1) / 255, id="tensor")
    yield pytest.param(Image.fromarray(RED), id="PIL")
    yield pytest.param(Image.fromarray(RED).quantize(4), id="palette")


@pytest.mark.parametrize("image", list(kinds()))
def test_an_image_may_be_of_any_kind(tmp_path: Path, image: Any) -> None:
    write_picture(tmp_path, 7, "a sample", image)
    with Image.open(tmp_path / "pictures" / "epoch-0007" / "0-a-sample.webp") as found:
        assert found.size == (6, 8)
        red, green, blue = found.convert("RGB").getpixel((3, 4))  # type: ignore[misc]
    assert red > 245
    assert max(green, blue) < 12


def test_grey_files_and_figures(tmp_path: Path) -> None:
    class Figure:
        """As matplotlib's."""

        def savefig(self, file: Any, **options: Any) -> None:
            Image.new("RGB", (50, 100)).save(file, options["format"])

    Image.fromarray(RED).save(tmp_path / "red.png")
    for name, image in {
        "file": tmp_path / "red.png",
        "figure": Figure(),
        "grey": np.ones((4, 5)),
        "mask": np.ones((1, 4, 5), bool),
        "huge": np.zeros((10, 5000), np.uint8),
    }.items():
        write_picture(tmp_path, 1, name, image)
    folder = tmp_path / "pictures" / "epoch-0001"
    sizes = {file.stem: Image.open(file).size for file in folder.iterdir()}
    assert sizes == {
        "0-file": (6, 8), "0-figure": (50, 100), "0-grey": (5, 4), "0-mask": (5, 4),
        "0-huge": (2048, 4),
    }  # fmt: skip


def test_whole_numbers_beyond_a_byte_are_black_and_white(tmp_path: Path) -> None:
    write_picture(tmp_path, 1, "levels", np.array([[-5, 0], [255, 300]]).repeat(8, 0).repeat(8, 1))
    with Image.open(tmp_path / "pictures" / "epoch-0001" / "0-levels.webp") as found:
        levels = [found.convert("L").getpixel(at) for at in ((2, 2), (12, 2), (2, 12), (12, 12))]
    assert levels == pytest.approx([0, 0, 255, 255], abs=3)


def test_names_that_no_file_can_have_are_told_apart(tmp_path: Path) -> None:
    """Of these nothing, or the same, is left in ASCII and in eighty characters."""
    names = ["образец", "ошибки", "見本", "x" * 90 + "a", "x" * 90 + "b"]
    for name in names:
        write_text(tmp_path / "trials" / "T000", 1, name, name)
    titles = manifest(tmp_path).outputs
    assert list(titles.values()) == names
    (epoch,) = trial_pictures(tmp_path, "T000", 1)
    assert {titles[name]: file.read_text() for name, file in epoch.texts[0].items()} == {
        name: name for name in names
    }


@pytest.mark.parametrize(
    "image", [np.ones(4), np.ones((2, 2, 7)), np.array([["a"]]), np.ones((0, 3))], ids=str
)
def test_what_is_no_picture_is_told(tmp_path: Path, image: Any) -> None:
    with pytest.raises(ObjectiveError, match="picture sample: "):
        write_picture(tmp_path, 1, "sample", image)


def test_a_name_is_text_and_a_text_is_any(tmp_path: Path) -> None:
    for name in (3, None, ""):
        with pytest.raises(ObjectiveError, match=f"needs a name, which is text, not {name!r}"):
            write_text(tmp_path, 1, name, "text")  # type: ignore[arg-type]
    write_text(tmp_path, 1, "half", "a\udc80b")
    (file,) = (tmp_path / "pictures").glob("*/*.txt")
    assert file.read_text() == r"a\udc80b"


def test_they_belong_to_the_epoch_that_is_yielded_next(tmp_path: Path) -> None:
    def train(params: Any, trial: tuner.Trial) -> Iterator[dict[str, float]]:
        for epoch in range(trial.epoch + 1, 4):
            trial.save(epoch)
            trial.text("note", f"epoch {epoch}")
            yield {"loss": 1.0}

    run(objective(train), tmp_path, most=2)
    run(objective(train), tmp_path, recorded=2)
    found = trial_pictures(tmp_path.parent, tmp_path.name, 1)
    assert found == []  # it is no study's
    notes = sorted((tmp_path / "pictures").glob("*/0-note.txt"))
    assert [note.read_text() for note in notes] == ["epoch 1", "epoch 2", "epoch 3"]


def test_a_command_leaves_them_in_a_folder(tmp_path: Path) -> None:
    code = """
        import os, time
        from PIL import Image
        show = os.environ["TUNER_PICTURES"]
        for epoch in (1, 2):
            Image.new("RGB", (4, 4), (epoch, 0, 0)).save(os.path.join(show, "sample.png"))
            open(os.path.join(show, "note.txt"), "w").write(f"epoch {epoch}")
            open(os.environ["TUNER_METRICS"], "a").write('{"loss": 1}\\n')
            while os.listdir(show):
                time.sleep(0.01)
    """
    run_command(tmp_path / "trial", ["python", script(tmp_path, code)])
    files = sorted((tmp_path / "trial" / "pictures").rglob("*.*"))
    assert [str(file.relative_to(tmp_path / "trial" / "pictures")) for file in files] == [
        f"epoch-000{epoch}/0-{name}" for epoch in (1, 2) for name in ("note.txt", "sample.webp")
    ]


def painting(params: dict[str, Any], trial: tuner.Trial) -> Iterator[dict[str, float]]:
    for epoch in range(trial.epoch + 1, 3):
        trial.picture("the sample", np.full((16, 16, 3), params["shade"]))
        trial.text("words", f"<b>shade</b> {params['shade']}\nin epoch {epoch}")
        yield {"cruelty": params["shade"] / epoch}


@pytest.fixture
def study(engine: SimulatedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuner.Study:
    monkeypatch.chdir(tmp_path)
    return tuner.search(
        painting, {"shade": tuner.Float(0, 1)}, tuner.Metric("cruelty", "minimize"),
        trials=2, quiet=True,
    )  # fmt: skip


def test_the_page_has_them_side_by_side(study: tuner.Study) -> None:
    shown = shared_data(study.folder, str)
    assert [one["title"] for one in shown["outputs"]] == ["the sample", "words"]
    assert shown["given"] == []
    assert shown["baseline"] is None
    assert len(shown["images"]) == 1
    for trial in study.trials:
        first, second = trial_pictures(study.folder, trial.name, 1)
        assert (first.epoch, second.epoch) == (1, 2)
        assert set(second.files[0]) == {"the-sample"}
        assert set(second.texts[0]) == {"words"}
    assert manifest(study.folder).outputs == {"the-sample": "the sample", "words": "words"}
