"""The photographs that come with scikit-image and scikit-learn."""

from collections import Counter
from pathlib import Path

import pytest

from sr_models.data import DataConfig, open_pyramids
from sr_models.data.decode import read_photograph
from sr_models.data.sources import SampleSource, sample
from sr_models.errors import DataError


def test_several_dozen_square_tiles_of_288_px_or_more() -> None:
    files = SampleSource().list_images(288).files
    assert len(files) == 56
    assert len({file.name for file in files}) == 56
    for file in files:
        assert file.box is not None
        left, top, right, bottom = file.box
        assert right - left == bottom - top >= 288


def test_the_photographs_have_the_sizes_that_the_tiles_are_cut_for() -> None:
    for _, file, width, height in sample.PHOTOGRAPHS:
        listing = SampleSource().list_images(288)
        path = next(entry.path for entry in listing.files if entry.path.name == Path(file).name)
        assert read_photograph(path).image.size == (width, height)


def test_no_photograph_outweighs_the_others() -> None:
    tiles = Counter(file.group for file in SampleSource().list_images(288).files)
    assert len(tiles) == 10
    assert max(tiles.values()) <= 9


def test_tiles_grow_with_the_patch_where_the_photograph_allows_it() -> None:
    for file in SampleSource().list_images(400).files:
        assert file.box is not None
        assert file.box[2] - file.box[0] == {"chelsea": 300, "retina": 471}.get(file.group, 400)


def test_no_photograph_is_in_both_training_and_validation() -> None:
    for split_seed in range(5):
        data = open_pyramids(DataConfig(size=16, split_seed=split_seed))
        groups = [
            {name.rsplit("-", 2)[0] for name in names}
            for names in (data.train_names, data.validation_names)
        ]
        assert not groups[0] & groups[1]
        assert 0.1 <= data.validation_count / len(data.names) <= 0.3


def test_photographs_that_are_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "find_spec", lambda _: None)
    with pytest.raises(DataError, match=r"astronaut\.png: not in the installed scikit-image"):
        open_pyramids(DataConfig())
