"""Opening the photographs of a folder again: at once, and right about what has changed."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sr_models.data import DataConfig, photographs
from sr_models.data.photographs import open_photographs
from sr_models.data.places import list_images
from sr_models.data.store import Photograph

MakeFolder = Callable[..., Path]


def opened(
    folder: Path, limit: int | None = None, told: Callable[[int, int], None] | None = None
) -> photographs.Photographs:
    config = DataConfig.model_validate({"source": {"type": "folder", "path": folder}, "size": 8})
    return open_photographs(
        list_images(config), "antialiased", limit, told or (lambda done, total: None)
    )


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the images that the index did not know."""
    names: list[str] = []
    original = photographs._open

    def look(file: Any, resample: Any) -> Any:
        names.append(file.name)
        return original(file, resample)

    monkeypatch.setattr(photographs, "_open", look)
    return names


def index_file(cache: Path) -> Path:
    (found,) = (cache / "photographs" / "index").glob("*.json")
    return found


def test_nothing_is_looked_at_twice(
    make_folder: MakeFolder, looked_at: list[str], cache_folder: Path
) -> None:
    folder = make_folder(3)
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    first = opened(folder)
    assert len(looked_at) == 4
    told: list[tuple[int, int]] = []
    again = opened(folder, told=lambda *count: told.append(count))
    assert len(looked_at) == 4
    assert again == first
    assert told == [(4, 4)]
    assert [one.name for one in again.skipped] == ["broken.png"]
    for damaged in (b"", b"[]", b'{"a": 1'):
        index_file(cache_folder).write_bytes(damaged)
        assert opened(folder) == first


def test_what_changed_joined_or_lost_its_decoded_files_is_looked_at_alone(
    make_folder: MakeFolder, looked_at: list[str]
) -> None:
    folder = make_folder(5)
    before = {one.name: one for one in opened(folder).usable}
    looked_at.clear()
    Image.new("RGB", (40, 40), "red").save(folder / "0.png")
    Image.new("RGB", (40, 40), "green").save(folder / "new.png")
    (folder / "1.png").unlink()
    Path(before["2.png"].low[4].path).unlink()
    Path(before["3.png"].high.path).write_bytes(b"cut short")
    after = {one.name: one for one in opened(folder).usable}
    assert sorted(looked_at) == ["0.png", "2.png", "3.png", "new.png"]
    assert after.keys() == {"0.png", "2.png", "3.png", "4.png", "new.png"}
    assert after["0.png"].high.digest != before["0.png"].high.digest
    assert [after[name] for name in ("2.png", "3.png")] == [before[n] for n in ("2.png", "3.png")]
    assert after["3.png"].high.pixels().shape == (80, 100, 3)


def test_a_limit_takes_the_first_and_forgets_nothing(
    make_folder: MakeFolder, looked_at: list[str]
) -> None:
    folder = make_folder(4)
    opened(folder, limit=2)
    looked_at.clear()
    opened(folder)
    assert sorted(looked_at) == ["2.png", "3.png"]
    Image.new("RGB", (40, 40)).save(folder / "0.png")
    assert [one.name for one in opened(folder, limit=2).usable] == ["0.png", "1.png"]
    opened(folder)
    assert looked_at[2:] == ["0.png"]


def test_processes_that_start_together_decode_once(
    make_folder: MakeFolder, looked_at: list[str]
) -> None:
    folder = make_folder(6)
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(opened, [folder] * 3))
    assert sorted(looked_at) == [f"{number}.png" for number in range(6)]
    assert found[0] == found[1] == found[2]


def test_a_file_that_changes_while_it_is_read_is_read_again(
    make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_folder(2)
    original = photographs._open

    def look(file: Any, resample: Any) -> Any:
        found = original(file, resample)
        if file.name == "0.png":  # a copy that is still being written
            Image.new("RGB", (40, 40), "red").save(file.path)
        return found

    monkeypatch.setattr(photographs, "_open", look)
    opened(folder)
    monkeypatch.setattr(photographs, "_open", original)
    assert (opened(folder).usable[0].high.width, opened(folder).usable[1].high.width) == (40, 100)


def test_links_share_what_they_show(
    make_folder: MakeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, links = make_folder(2), tmp_path / "links"
    links.mkdir()
    for file in folder.iterdir():
        (links / file.name).symlink_to(file)
    wanted = opened(folder).usable
    monkeypatch.setattr(photographs, "read_photograph", lambda *args: pytest.fail("decoded again"))
    assert [one.high for one in opened(links).usable] == [one.high for one in wanted]


def test_a_cache_that_cannot_be_written_serves_what_it_has(
    make_folder: MakeFolder, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_folder(2)
    wanted = opened(folder)
    index_file(cache_folder).unlink()  # as an earlier version left it
    monkeypatch.setattr(Path, "mkdir", _refuse)
    monkeypatch.setattr("sr_models.data.store_index.write_atomically", _refuse)
    assert opened(folder) == wanted
    assert all(isinstance(one, Photograph) for one in wanted.usable)


def test_what_a_killed_process_left_is_removed(make_folder: MakeFolder, cache_folder: Path) -> None:
    left, written = (cache_folder / "photographs" / "ab" / name for name in (".left", ".written"))
    left.parent.mkdir(parents=True)
    for part in (left, written):
        part.write_bytes(b"half")
    os.utime(left, (0, 0))
    opened(make_folder(2))
    assert (left.exists(), written.exists()) == (False, True)


def _refuse(*args: object, **options: object) -> None:
    raise OSError(30, os.strerror(30))
