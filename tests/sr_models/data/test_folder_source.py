"""A folder of images: what is found in it, in which order, and what is not even opened."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sr_models.data.sources import FolderSource, Listing
from sr_models.errors import DataError

MakeFolder = Callable[..., Path]


def listed(folder: Path) -> Listing:
    return FolderSource(path=folder).list_images(288)


def reasons(listing: Listing) -> dict[str, str]:
    return {file.name: file.reason for file in listing.skipped}


def test_the_whole_tree_in_order(tmp_path: Path) -> None:
    for name in ("b.JPG", "a/z.txt", "a/b/c", "Z.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = listed(tmp_path)
    assert [file.name for file in found.files] == ["Z.png", "a/b/c", "a/z.txt", "b.JPG"]
    assert found.files[1].path == tmp_path / "a" / "b" / "c"
    assert not found.skipped


def test_a_relative_path_starts_at_the_current_directory(
    make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_folder(2)
    monkeypatch.chdir(folder.parent)
    assert listed(Path(folder.name)).files == listed(folder).files


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"data\.source\.path: .*nothing does not exist"):
        listed(tmp_path / "nothing")


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(DataError, match=r"a\.png is not a folder"):
        listed(tmp_path / "a.png")


def test_what_must_not_be_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nothing")
    (tmp_path / "empty.png").touch()
    (tmp_path / ".hidden.png").write_bytes(b"x")
    (tmp_path / ".thumbnails").mkdir()
    (tmp_path / ".thumbnails" / "a.png").write_bytes(b"x")
    found = listed(tmp_path)
    assert not found.files
    assert reasons(found) == {
        "pipe.png": "not a regular file",
        "gone.png": "broken link",
        "empty.png": "empty file",
        ".hidden.png": "hidden",
        ".thumbnails": "hidden",
    }


def test_a_file_without_permission_is_not_opened(
    make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_folder(1)
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may read anything
    assert reasons(listed(folder)) == {"0.png": "cannot be read: permission denied"}


def test_a_home_folder_that_is_not_there() -> None:
    with pytest.raises(DataError, match="there is no such home folder"):
        listed(Path("~no-such-person/photographs"))


def test_links_are_followed_once(tmp_path: Path, make_folder: MakeFolder) -> None:
    root, elsewhere = make_folder(1, name="root"), make_folder(2, name="elsewhere")
    (root / "link").symlink_to(elsewhere)
    (root / "loop").symlink_to(root)
    found = listed(root)
    assert [file.name for file in found.files] == ["0.png", "link/0.png", "link/1.png"]
    assert reasons(found) == {"loop": "link to a folder that is listed already"}


def test_names_that_cannot_be_printed(tmp_path: Path) -> None:
    for name in (b"caf\xe9.png", "naïve\x1b[31m\n.png".encode()):
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
            file.write(b"x")
    names = [file.name for file in listed(tmp_path).files]
    assert names == ["caf\\xe9.png", "naïve\\x1b[31m\\n.png"]
