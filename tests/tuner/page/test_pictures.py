"""The sample pictures as data: what the manifest says, and what is found without one."""

import json
import shutil
from pathlib import Path

import pytest

from tests.studies import write_study
from tuner.analysis.snapshot import open_snapshot
from tuner.page.embedded import Blocks, embedded_pictures
from tuner.page.pictures import Manifest, images, manifest, shared_data

EARLIER = Path(__file__).parents[2] / "data" / "earlier_version" / "trained"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_study(tmp_path / "s", trials=2, pictures=1, picture_sizes=(8, 16))


def test_the_objective_says_what_its_pictures_show(folder: Path) -> None:
    found = shared_data(folder, lambda path: path.name)
    assert found["outputs"] == [
        {"name": "mid", "title": "x2, twice the side"},
        {"name": "large", "title": "x4, four times the side"},
    ]
    assert found["given"] == [{"kind": "x", "title": "LR", "note": "what the network is given"}]
    assert (found["baseline"], found["score"]) == ("bicubic", "validation/psnr")
    assert found["images"][0]["files"]["bicubic-mid"] == "0-bicubic-mid.png"


def test_an_early_study_without_a_manifest_is_shown_by_its_names() -> None:
    assert not (EARLIER / "pictures" / "manifest.json").exists()
    found = manifest(EARLIER)
    assert found == Manifest({"mid": "mid", "large": "large"}, {"x": ("x", "")}, "bicubic")
    shown = embedded_pictures(open_snapshot(EARLIER), Blocks("p"))
    assert len(shown["images"]) == 3
    epoch = shown["trials"][0][0]
    assert set(epoch["files"][0]) == {"mid", "large"}
    score = json.loads(
        (EARLIER / "trials" / "AS-24" / "pictures" / "epoch-0001" / "metrics.json").read_text()
    )["0"]["mid"]
    assert epoch["scores"][0]["mid"] == {"value": score["psnr"], "baseline": score["bicubic"]}


def test_another_objective_has_other_pictures(folder: Path) -> None:
    """Masks of a segmentation, say: no baseline, two inputs."""
    root = folder / "pictures"
    for name in ("photo", "depth", "mask"):
        shutil.copy(root / "0-x.png", root / f"0-{name}.png")
    said = {
        "outputs": [{"name": "mask"}],
        "given": [{"kind": "photo", "title": "photograph"}, {"kind": "depth", "title": "depth"}],
        "score": "validation/iou",
        "key": "iou",
    }
    (root / "manifest.json").write_text(json.dumps(said))
    assert manifest(folder) == Manifest(
        {"mask": "mask"},
        {"photo": ("photograph", ""), "depth": ("depth", "")},
        "",
        "validation/iou",
        "iou",
    )


@pytest.mark.parametrize("said", ["[]", "{", '{"outputs": 3, "given": [1, {}]}', '"text"', "null"])
def test_a_manifest_of_nonsense_harms_nothing(folder: Path, said: str) -> None:
    (folder / "pictures" / "manifest.json").write_text(said)
    assert shared_data(folder, str)["images"]
    assert embedded_pictures(open_snapshot(folder), Blocks("p"))["trials"]


def test_only_plain_files_of_the_study_are_taken(folder: Path, tmp_path: Path) -> None:
    root = folder / "pictures"
    (tmp_path / "outside.png").write_bytes((root / "0-x.png").read_bytes())
    (root / "0-link.png").symlink_to(tmp_path / "outside.png")
    (root / "0-.png").write_bytes(b"")
    (root / "x-mid.png").write_bytes(b"")
    [image] = images(folder)
    assert set(image["files"]) == {"x", "mid", "large", "bicubic-mid", "bicubic-large"}
