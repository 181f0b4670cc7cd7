"""Pyramids as training sees them: right pixels, right order, the same in every process."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from PIL import Image

from sr_models.data import Batch, DataConfig, PyramidData, open_pyramids
from sr_models.data.config import Resample
from sr_models.data.resample import resize
from sr_models.errors import DataError

MakeFolder = Callable[..., Path]
ConfigOf = Callable[..., DataConfig]


def joined(batches: list[Batch], part: str) -> torch.Tensor:
    return torch.cat([getattr(batch, part) for batch in batches])


def epoch_of(data: PyramidData, *, seed: int = 0, epoch: int = 1) -> list[Batch]:
    return list(data.train_batches(4, seed=seed, epoch=epoch))


def same(first: list[Batch], second: list[Batch]) -> bool:
    return all(
        torch.equal(joined(first, part), joined(second, part)) for part in ("x", "mid", "large")
    )


def as_image(tensor: torch.Tensor) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(tensor.permute(1, 2, 0).numpy()))


@pytest.mark.parametrize("resize_mode", ["squash", "crop"])
def test_batches_have_the_promised_form(
    make_folder: MakeFolder, config_of: ConfigOf, resize_mode: str
) -> None:
    data = open_pyramids(config_of(make_folder(10), resize=resize_mode))
    assert (data.train_count, data.validation_count) == (8, 2)
    for batches, sizes in [
        (list(data.train_batches(3, seed=0, epoch=1)), [3, 3, 2]),
        (list(data.validation_batches(3)), [2]),
    ]:
        assert [len(batch) for batch in batches] == sizes
        for batch in batches:
            for tensor, side in [(batch.x, 16), (batch.mid, 32), (batch.large, 64)]:
                assert tensor.shape == (len(batch), 3, side, side)
                assert tensor.dtype == torch.uint8
                assert tensor.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("method", get_args(Resample))
def test_squash_makes_each_size_from_the_whole_original(
    make_folder: MakeFolder, config_of: ConfigOf, method: Resample
) -> None:
    folder = make_folder(4)
    data = open_pyramids(config_of(folder, resample=method, validation=0.5))
    batch = next(data.validation_batches(10))
    for number, name in enumerate(data.validation_names):
        original = Image.open(folder / name)
        for tensor, side in [(batch.x, 16), (batch.mid, 32), (batch.large, 64)]:
            expected = resize(original, side, method)
            np.testing.assert_array_equal(tensor[number].permute(1, 2, 0), expected)


def test_an_epoch_has_every_training_image_once(
    make_folder: MakeFolder, config_of: ConfigOf
) -> None:
    folder = make_folder(10)
    data = open_pyramids(config_of(folder))
    large = joined(epoch_of(data), "large")
    seen = {image.numpy().tobytes() for image in large.permute(0, 2, 3, 1).contiguous()}
    expected = {
        resize(Image.open(folder / name), 64, "bicubic").tobytes() for name in data.train_names
    }
    assert len(large) == 8
    assert seen == expected


@pytest.mark.parametrize("resize_mode", ["squash", "crop"])
def test_an_epoch_depends_on_seed_and_epoch_alone(
    make_folder: MakeFolder, config_of: ConfigOf, resize_mode: str
) -> None:
    data = open_pyramids(config_of(make_folder(10), resize=resize_mode))
    first = epoch_of(data)
    epoch_of(data, epoch=2)
    assert same(first, epoch_of(data))
    assert same(first, epoch_of(open_pyramids(data.config)))
    assert same(first, epoch_of(pickle.loads(pickle.dumps(data))))
    assert not same(first, epoch_of(data, epoch=2))
    assert not same(first, epoch_of(data, seed=1))


def test_validation_is_the_same_every_time(make_folder: MakeFolder, config_of: ConfigOf) -> None:
    data = open_pyramids(config_of(make_folder(10), resize="crop"))
    assert same(list(data.validation_batches(1)), list(data.validation_batches(2)))


def test_validation_crops_the_centre(make_folder: MakeFolder, config_of: ConfigOf) -> None:
    folder = make_folder(2, 100, 80)
    data = open_pyramids(config_of(folder, resize="crop"))
    (name,) = data.validation_names
    expected = Image.open(folder / name).crop((18, 8, 82, 72))
    batch = next(data.validation_batches(1))
    assert as_image(batch.large[0]).tobytes() == expected.tobytes()
    assert as_image(batch.x[0]).tobytes() == resize(expected, 16, "bicubic").tobytes()


@pytest.mark.parametrize("method", get_args(Resample))
def test_a_training_patch_is_shrunk_from_itself(
    make_folder: MakeFolder, config_of: ConfigOf, method: Resample
) -> None:
    data = open_pyramids(config_of(make_folder(6), resize="crop", resample=method))
    for batch in epoch_of(data):
        for x, mid, large in zip(batch.x, batch.mid, batch.large, strict=True):
            patch = as_image(large)
            np.testing.assert_array_equal(x.permute(1, 2, 0), resize(patch, 16, method))
            np.testing.assert_array_equal(mid.permute(1, 2, 0), resize(patch, 32, method))


def test_patches_come_from_everywhere_in_all_eight_ways(
    tmp_path: Path, config_of: ConfigOf
) -> None:
    """Red tells the column and green the row, so a patch says where it was and how it lies."""
    rows, columns = np.mgrid[0:70, 0:68].astype(np.uint8)
    coded = np.stack([columns, rows, np.zeros_like(rows)], -1)
    for name in ("a.png", "b.png"):
        Image.fromarray(coded).save(tmp_path / name)
    data = open_pyramids(config_of(tmp_path, resize="crop"))
    places, ways = set(), set()
    for epoch in range(300):
        (batch,) = data.train_batches(9, seed=0, epoch=epoch)
        red, green = batch.large[0, 0].int(), batch.large[0, 1].int()
        places.add((int(red.min()), int(green.min())))
        assert red.max() - red.min() == green.max() - green.min() == 63
        steps = (red[0, 1] - red[0, 0], red[1, 0] - red[0, 0], green[0, 1] - green[0, 0])
        steps += (green[1, 0] - green[0, 0],)
        ways.add(tuple(int(step) for step in steps))
    assert places == {(left, top) for left in range(5) for top in range(7)}
    assert len(ways) == 8


def test_images_without_room_for_a_patch_are_skipped(
    make_folder: MakeFolder, config_of: ConfigOf
) -> None:
    folder = make_folder(3)
    Image.new("RGB", (200, 63)).save(folder / "low.png")
    data = open_pyramids(config_of(folder, resize="crop"))
    assert [(file.name, file.reason) for file in data.skipped] == [
        ("low.png", "smaller than the patch: 200 x 63, a side needs 64 px")
    ]
    assert len(open_pyramids(config_of(folder)).names) == 4


def test_skipped_files_are_listed_also_when_the_cache_is_there(
    make_folder: MakeFolder, config_of: ConfigOf
) -> None:
    folder = make_folder(3)
    (folder / "notes.txt").write_text("hello")
    (folder / "empty.jpg").touch()
    first, second = (open_pyramids(config_of(folder)) for _ in range(2))
    assert first.skipped == second.skipped
    assert {file.name for file in first.skipped} == {"notes.txt", "empty.jpg"}
    assert first.names == ["0.png", "1.png", "2.png"]


def test_no_usable_image_says_why(tmp_path: Path, config_of: ConfigOf) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    with pytest.raises(DataError, match=r"no usable image in .*images: it is empty"):
        open_pyramids(config_of(folder))
    for number in range(12):
        (folder / f"{number:02}.png").write_text("hello")
    with pytest.raises(DataError) as error:
        open_pyramids(config_of(folder))
    assert "00.png: not an image" in str(error.value)
    assert "and 2 more" in str(error.value)


def test_a_single_image_cannot_be_split(make_folder: MakeFolder, config_of: ConfigOf) -> None:
    folder = make_folder(1)
    (folder / "notes.txt").write_text("hello")
    with pytest.raises(DataError) as error:
        open_pyramids(config_of(folder))
    assert "only 1 usable image (0.png)" in str(error.value)
    assert "notes.txt: not an image" in str(error.value)


def test_limit_takes_usable_images_in_a_seeded_order(
    make_folder: MakeFolder, config_of: ConfigOf
) -> None:
    folder = make_folder(20)
    (folder / "broken.png").write_text("hello")
    (folder / "3.png").write_text("hello")
    few, more = (open_pyramids(config_of(folder, limit=limit)) for limit in (5, 10))
    assert (len(few.names), len(more.names)) == (5, 10)
    assert set(few.names) < set(more.names)
    assert set(few.names) != set(open_pyramids(config_of(folder, limit=5, split_seed=1)).names)
    assert len(open_pyramids(config_of(folder, limit=100)).names) == 19


def test_equal_data_has_an_equal_fingerprint(make_folder: MakeFolder, config_of: ConfigOf) -> None:
    one, other = make_folder(6), make_folder(6, name="other")
    original = open_pyramids(config_of(one)).fingerprint
    assert open_pyramids(config_of(other)).fingerprint == original
    changes: list[dict[str, object]] = [{"split_seed": 1}, {"validation": 0.5}, {"size": 8}]
    changes += [{"resample": "lanczos"}, {"resize": "crop"}]
    found = {open_pyramids(config_of(one, **change)).fingerprint for change in changes}
    assert len(found - {original}) == len(changes)


def test_a_pickled_copy_sees_what_the_files_were(
    make_folder: MakeFolder, config_of: ConfigOf
) -> None:
    folder = make_folder(5)
    data = open_pyramids(config_of(folder))
    (folder / "new.png").write_bytes((folder / "0.png").read_bytes())
    copy = pickle.loads(pickle.dumps(data))
    assert copy.names == data.names
    assert len(open_pyramids(data.config).names) == 6
    assert len(pickle.dumps(data)) < 2000


def test_progress_counts_to_the_end_once(make_folder: MakeFolder, config_of: ConfigOf) -> None:
    calls: list[tuple[int, int]] = []
    config = config_of(make_folder(7))
    open_pyramids(config, progress=lambda *call: calls.append(call))
    assert calls == [(done, 7) for done in range(1, 8)]
    open_pyramids(config, progress=lambda *call: calls.append(call))
    assert len(calls) == 7


def test_real_photographs(shared_data: Path) -> None:
    data = open_pyramids(
        DataConfig.model_validate({"source": {"type": "folder", "path": shared_data / "t91"}})
    )
    assert len(data.names) == 91
    assert not data.skipped
    assert (data.train_count, data.validation_count) == (73, 18)
