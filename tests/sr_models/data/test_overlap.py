"""Images in two places: what validates does not train, and what tests does neither."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sr_models.data import DataConfig, open_data
from sr_models.data.overlap import check_test_images
from sr_models.errors import DataError

MakeFolder = Callable[..., Path]

WAYS = [{"patches": {"steps": 2}}, {"patches": None}]


def places(train: Path, validation: Path | float, **more: Any) -> DataConfig:
    held = validation if isinstance(validation, float) else {"type": "folder", "path": validation}
    source = {"type": "folder", "path": train}
    return DataConfig.model_validate({"train": source, "validation": held, "size": 8, **more})


@pytest.mark.parametrize("ways", WAYS, ids=["patches", "squares"])
def test_copies_of_what_validates_do_not_train(
    make_folder: MakeFolder, tmp_path: Path, ways: dict[str, Any]
) -> None:
    train, held = make_folder(4), tmp_path / "held"
    held.mkdir()
    shutil.copy(train / "1.png", held / "copy.png")
    (held / "link.png").symlink_to(train / "2.png")
    data = open_data(places(train, held, **ways))
    assert (data.train_count, data.validation_count) == (2, 2)
    assert [(one.name, one.reason) for one in data.skipped] == [
        ("train/1.png", "validates too (validation/copy.png), so it does not train"),
        ("train/2.png", "validates too (validation/link.png), so it does not train"),
    ]


@pytest.mark.parametrize("ways", WAYS, ids=["patches", "squares"])
def test_a_folder_that_validates_all_that_it_trains_is_refused(
    make_folder: MakeFolder, ways: dict[str, Any]
) -> None:
    folder = make_folder(2)
    with pytest.raises(DataError, match=r"no image is left for train\n  train/0\.png: validates"):
        open_data(places(folder, folder, **ways))


def test_a_validation_folder_within_the_train_folder_validates_alone(
    make_folder: MakeFolder,
) -> None:
    train = make_folder(4)
    (train / "val").mkdir()
    (train / "0.png").rename(train / "val" / "0.png")
    data = open_data(places(train, train / "val", patches={"steps": 2}))
    assert (data.train_count, data.validation_count) == (3, 1)


@pytest.mark.parametrize("validation", ["share", "folder"])
def test_files_that_train_or_validate_do_not_test(
    make_folder: MakeFolder, tmp_path: Path, validation: str
) -> None:
    train, held = make_folder(2), make_folder(6, name="held")
    shared = train if validation == "share" else held
    test = tmp_path / "test"
    test.mkdir()
    for file in shared.iterdir():
        (test / f"link-{file.name}").symlink_to(file)
    config = places(
        train,
        0.5 if validation == "share" else held,
        test={"type": "folder", "path": test},
    )
    prefix = "" if validation == "share" else "validation/"
    number = len(list(shared.iterdir()))
    with pytest.raises(DataError) as raised:
        check_test_images(config)
    message = str(raised.value)
    assert message.startswith(f"data.test: {number} of its {number} images train or validate too")
    assert f"\n  link-0.png is {prefix}0.png" in message
    assert message.endswith("and 3 more") == (number == 6)
    check_test_images(places(train, 0.5, test={"type": "folder", "path": make_folder(1, name="t")}))
    check_test_images(places(train, 0.5))
