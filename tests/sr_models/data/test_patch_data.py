"""Patches: from where, how many, and the same ones again."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from pydantic import ValidationError

from sr_models.config import TrainConfig
from sr_models.data import Batch, DataConfig, PatchData, open_data
from sr_models.data.patch_data import open_patches
from sr_models.data.resample import resize_to
from sr_models.data.resident_patches import ResidentPatches
from sr_models.errors import DataError

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write smooth random photographs of given sizes to a folder."""

    def write(name: str, sizes: list[tuple[int, int]], ending: str = "") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for number, (width, height) in enumerate(sizes):
            coarse = np.random.default_rng(number).integers(0, 256, (5, 6, 3), dtype=np.uint8)
            image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
            image.save(folder / f"{number:02}{ending}.png")
        return folder

    return write


def config(folder: Path, **settings: Any) -> DataConfig:
    patches = {"steps": 6, "per_image": 2, **settings.pop("patches", {})}
    return DataConfig.model_validate(
        {
            "source": {"type": "folder", "path": folder},
            "size": 8,
            "resample": "antialiased",
            "patches": patches,
            **settings,
        }
    )


def same(first: list[Batch], second: list[Batch]) -> bool:
    return all(
        one.shapes == other.shapes
        and torch.equal(one.x, other.x)
        and all(torch.equal(one.targets[key], other.targets[key]) for key in one.targets)
        for one, other in zip(first, second, strict=True)
    )


def epoch(data: PatchData, number: int = 1, seed: int = 0) -> list[Batch]:
    return list(data.train_batches(4, seed=seed, epoch=number))


def test_an_epoch_is_a_number_of_steps_of_both_kinds(write: Write) -> None:
    data = open_data(config(write("photos", [(60, 50)] * 5), patches={"steps": 40}))
    batches = epoch(data)
    assert len(batches) == data.steps(4) == 40
    shapes = {batch.shapes for batch in batches}
    both = ((4, 3, 8, 8), (4, 3, 16, 16), (4, 3, 32, 32))
    assert shapes == {both, (*both[:2], None)}
    share = sum(batch.large is None for batch in batches) / 40
    assert 0.05 < share < 0.5  # 0.25 is the default


def test_patches_are_the_same_again_and_new_in_each_epoch(write: Write) -> None:
    data = open_data(config(write("photos", [(60, 50)] * 5)))
    again = pickle.loads(pickle.dumps(data))
    assert same(epoch(data), epoch(again))
    assert not same(epoch(data), epoch(data, 2))
    assert not same(epoch(data), epoch(data, seed=1))
    assert data.fingerprint == again.fingerprint


@pytest.mark.parametrize("x2_share", [0.0, 0.5])
def test_patches_that_a_device_cuts_are_the_same(write: Write, x2_share: float) -> None:
    sizes = [(60, 50), (47, 71), (40, 40), (90, 44)]
    patches = {"steps": 12, "per_image": 3, "x2_share": x2_share}
    data = open_data(config(write("photos", sizes), patches=patches))
    assert isinstance(data, PatchData)
    resident = ResidentPatches(data, torch.device("cpu"))
    for number in (1, 2):  # 96 patches, turned in all eight ways
        assert same(epoch(resident, number), epoch(data, number))
    assert all(
        images.is_contiguous(memory_format=torch.channels_last)
        for batch in epoch(resident)
        for images in (batch.x, *batch.targets.values())
    )
    assert resident.fingerprint == data.fingerprint
    pixels = sum(image.numel() for image in (resident._high._bytes, *_bytes(resident)))
    assert data.pixel_bytes == pixels


def _bytes(resident: ResidentPatches) -> list[torch.Tensor]:
    return [packed._bytes for packed in resident._low.values()]


def test_targets_are_cut_where_the_patch_lies(write: Write) -> None:
    data = open_data(config(write("photos", [(60, 52)] * 3), patches={"steps": 30}))
    errors = {"mid": [], "large": []}
    for batch in epoch(data):
        for output, images in batch.targets.items():
            for x, target in zip(batch.x, images, strict=True):
                pixels = target.permute(1, 2, 0).numpy()
                small = resize_to(pixels, 8, 8, "antialiased")[2:-2, 2:-2]
                wrong = np.abs(small.astype(int) - x.permute(1, 2, 0).numpy()[2:-2, 2:-2])
                errors[output].append(wrong.max())
    # A shrunk patch knows nothing of what lies around it; further in nothing else differs, but
    # that `mid` of both kinds is rounded on the way.
    assert max(errors["large"]) <= 3
    assert max(errors["mid"]) <= 6


def test_each_photograph_is_read_as_often_as_the_others(write: Write) -> None:
    folder = write("photos", [(40, 40)] * 6)
    for number, file in enumerate(sorted(folder.iterdir())):
        Image.new("RGB", (40, 40), (40 * number, 0, 0)).save(file)
    data = open_data(config(folder, validation=0.2, patches={"steps": 5, "per_image": 2}))
    assert data.train_count == 5
    seen = [round(float(image.float()[0].mean())) for batch in epoch(data) for image in batch.x]
    counts = {colour: seen.count(colour) for colour in seen}
    assert sorted(counts.values()) == [4] * 5  # 20 patches, 10 reads


def test_separate_folders_train_and_validate_whole(write: Write) -> None:
    train, validation = write("a", [(40, 40)] * 2), write("b", [(45, 39), (33, 50)])
    found = config(
        train,
        source={"type": "sample"},
        train={"type": "folder", "path": train},
        validation={"type": "folder", "path": validation},
    )
    data = open_data(found)
    assert (data.train_count, data.validation_count) == (2, 2)
    assert data.validation_names == ["validation/00.png", "validation/01.png"]
    shapes = [batch.shapes for batch in data.validation_batches(16)]
    assert shapes[0] == ((1, 3, 19, 22), (1, 3, 38, 44), None)
    assert shapes[1] == ((1, 3, 9, 11), None, (1, 3, 36, 44))
    assert data.validation_steps(16) == len(shapes) == 4
    assert DataConfig.model_validate_json(found.model_dump_json()) == found


def test_separate_folders_serve_squares_too(write: Write) -> None:
    train, validation = write("a", [(40, 40)] * 3), write("b", [(45, 39)] * 2)
    data = open_data(
        DataConfig.model_validate(
            {
                "source": {"type": "folder", "path": train},
                "validation": {"type": "folder", "path": validation},
                "size": 8,
            }
        )
    )
    assert data.train_names == [f"train/0{number}.png" for number in range(3)]
    assert data.validation_names == ["validation/00.png", "validation/01.png"]


def test_a_folder_that_is_missing_is_told_by_its_key(write: Write, tmp_path: Path) -> None:
    place = {"type": "folder", "path": tmp_path / "nowhere"}
    with pytest.raises(DataError, match=r"^data\.validation\.path: .*nowhere does not exist"):
        open_data(config(write("a", [(40, 40)]), validation=place))


def test_small_photographs_are_named(write: Write) -> None:
    data = open_data(config(write("photos", [(60, 60)] * 4 + [(60, 30)] * 2)))
    named = {(one.name, one.reason) for one in data.skipped}
    kept = set(data.validation_names)
    assert named == {
        (name, "smaller than the patch: 60 x 30, a side needs 32 px")
        for name in {"04.png", "05.png"} - kept
    }


def test_what_was_not_decoded_yet_is_decoded_alone(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sr_models.data import photographs

    folder = write("photos", [(60, 50)] * 4)
    read: list[str] = []
    original = photographs.read_photograph
    monkeypatch.setattr(
        photographs,
        "read_photograph",
        lambda path, box: read.append(path.name) or original(path, box),
    )
    first = open_data(config(folder))
    assert sorted(read) == ["00.png", "01.png", "02.png", "03.png"]
    read.clear()
    assert open_data(config(folder, size=10)).fingerprint != first.fingerprint
    assert not read  # another size is cut from the same photographs
    Image.new("RGB", (64, 64), "red").save(folder / "02.png")
    Image.new("RGB", (64, 64), "green").save(folder / "new.png")
    (folder / "00.png").unlink()
    data = open_data(config(folder))
    assert sorted(read) == ["02.png", "new.png"]
    assert data.train_count + data.validation_count == 4
    assert data.fingerprint != first.fingerprint


def test_a_damaged_file_is_made_again(write: Write) -> None:
    folder = write("photos", [(60, 50)] * 4)
    before = open_data(config(folder))
    wanted = epoch(before)
    store = Path(os.environ["SR_TUNER_CACHE"]) / "photographs"
    for number, file in enumerate(sorted(store.rglob("*.rgb"))):
        file.write_bytes(file.read_bytes()[:-1] if number % 2 else b"")
    assert same(wanted, epoch(open_data(config(folder))))


def test_a_limit_takes_the_same_photographs_as_squares_do(write: Write) -> None:
    folder = write("photos", [(60, 50)] * 8)
    limited = config(folder, limit=4)
    data = open_data(limited)
    squares = open_data(limited.model_copy(update={"patches": None}))
    assert data.train_count + data.validation_count == 4
    assert set(data.validation_names) < set(squares.names)
    assert data.validation_names == squares.validation_names


def test_progress_counts_all(write: Write) -> None:
    told: list[tuple[int, int]] = []
    open_data(
        config(write("photos", [(60, 50)] * 4)),
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def paired(write: Write, *scales: int) -> dict[str, Any]:
    source: dict[str, Any] = {"type": "paired", "high": write("high", [(80, 64)] * 5)}
    for scale in scales:
        ending = "" if scale == 2 else "x4"
        source[f"x{scale}"] = write(f"low{scale}", [(80 // scale, 64 // scale)] * 5, ending)
    return source


@pytest.mark.parametrize(
    ("scales", "kinds"),
    [
        ((2,), {((4, 3, 8, 8), (4, 3, 16, 16), None)}),
        ((4,), {((4, 3, 8, 8), None, (4, 3, 32, 32))}),
        (
            (2, 4),
            {
                ((4, 3, 8, 8), (4, 3, 16, 16), (4, 3, 32, 32)),
                ((4, 3, 8, 8), (4, 3, 16, 16), None),
            },
        ),
    ],
)
def test_pairs_train_what_they_have(write: Write, scales: tuple[int, ...], kinds: set[Any]) -> None:
    data = open_data(config(Path(), source=paired(write, *scales), patches={"steps": 20}))
    assert {batch.shapes for batch in epoch(data)} == kinds
    assert {tuple(batch.targets) for batch in data.validation_batches(1)} == {
        ({2: "mid", 4: "large"}[scale],) for scale in scales
    }
    assert data.sample_images(1).x.shape[-1] <= 8


def test_x_of_a_pair_is_its_own_photograph(write: Write) -> None:
    source = paired(write, 4)
    for file in source["x4"].iterdir():
        Image.new("RGB", (20, 16), (0, 255, 0)).save(file)
    data = open_data(config(Path(), source=source))
    assert all(int(batch.x[:, 0].max()) == 0 for batch in epoch(data))
    assert all(int(batch.x[:, 1].min()) == 255 for batch in data.validation_batches(1))


def test_pairs_that_do_not_fit_are_named(write: Write) -> None:
    source = paired(write, 2, 4)
    (source["x2"] / "01.png").unlink()
    Image.new("RGB", (21, 16)).save(source["x4"] / "02x4.png")
    Image.new("RGB", (20, 16)).save(source["x4"] / "99x4.png")
    data = open_data(config(Path(), source=source))
    assert {(one.name, one.reason) for one in data.skipped} == {
        ("01.png", "no partner in x2"),
        ("99x4.png", "x4 without a partner in high"),
        ("02.png", "80 x 64, and its partner in x4 is 21 x 16 instead of 20 x 16"),
    }
    assert data.train_count + data.validation_count == 3


def test_of_several_files_with_one_name_none_is_paired(write: Write) -> None:
    source = paired(write, 4)
    Image.new("RGB", (80, 64)).save(source["high"] / "01.jpg")
    Image.new("RGB", (20, 16)).save(source["x4"] / "02_X4.PNG")
    data = open_data(config(Path(), source=source), ("large",))
    assert [(one.name, one.reason) for one in data.skipped] == [
        ("01.jpg", "ambiguous: high has 01.jpg and 01.png"),
        ("01.png", "ambiguous: high has 01.jpg and 01.png"),
        ("02_X4.PNG", "ambiguous: x4 has 02_X4.PNG and 02x4.png"),
        ("02x4.png", "ambiguous: x4 has 02_X4.PNG and 02x4.png"),
        ("02.png", "no partner in x4"),
        ("01x4.png", "x4 without a partner in high"),
    ]


def test_what_is_missing_is_said_with_its_key_and_its_reason(write: Write, tmp_path: Path) -> None:
    pairs = paired(write, 4)
    with pytest.raises(DataError, match=r"^data\.train\.x4: .*nowhere does not exist"):
        open_data(config(Path(), source={"type": "sample"}, train={**pairs, "x4": "nowhere"}))
    tiny = {"type": "folder", "path": write("tiny", [(9, 9)])}
    empty = {"type": "folder", "path": tmp_path / "empty"}
    empty["path"].mkdir()
    for place, message in (
        (tiny, r"^data\.validation: no usable image\n  validation/00\.png: tiny"),
        (empty, r"^data\.validation: no usable image: it is empty$"),
    ):
        with pytest.raises(DataError, match=message):
            open_data(config(write("a", [(40, 40)] * 2), validation=place))
    with pytest.raises(DataError, match=r"^no image is left for train\n  0\d\.png: smaller than"):
        open_data(config(write("a", [(40, 40)] * 12), size=48))
    Image.new("RGB", (40, 40)).save(tiny["path"] / "01.png")
    with pytest.raises(DataError, match=r"each need an image\n  00\.png: tiny"):
        open_data(config(tiny["path"]))


def test_a_cache_that_cannot_be_written_is_not_taken_for_lost_images(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SR_TUNER_CACHE", "/proc/nowhere")
    with pytest.raises(DataError, match=r"cannot be stored in /proc/nowhere: .* names another"):
        open_data(config(write("photos", [(60, 50)] * 3)))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"data": {"source": {"type": "paired", "high": "a"}}}, "needs a folder x2"),
        ({"data": {"source": {"type": "paired", "high": "a", "x2": "b"}}}, "set data.patches"),
        (
            {"data": {"source": {"type": "paired", "high": "a", "x4": "b"}, "patches": {}}},
            "network.outputs has mid, and the pairs of data have only large",
        ),
        ({"data": {"degradation": {"blur": 1}}}, "only patches are degraded"),
        (
            {"data": {"source": {"type": "voc2007"}, "train": {"type": "sample"}}},
            "data.train and data.source both name",
        ),
        ({"data": {"limit": 5, "validation": {"type": "sample"}}}, "data.limit needs a single"),
        ({"data": {"validation": 1.5}}, "less than 1"),
    ],
)
def test_what_cannot_be_is_said(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TrainConfig.model_validate(settings)


def test_a_network_of_large_alone_has_no_batch_without_it(write: Write) -> None:
    found = config(write("photos", [(60, 50)] * 5), patches={"steps": 20, "x2_share": 1.0})
    assert all(b.large is not None for b in epoch(open_patches(found, ("large",))))
    assert all(b.large is None for b in epoch(open_patches(found, ("mid",))))
