"""VOC 2007: found in several places, downloaded on request, refused when it is not whole."""

import hashlib
import tarfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sr_models.data.sources import Voc2007Source
from sr_models.errors import DataError

MakeFolder = Callable[..., Path]


@pytest.fixture
def voc(tmp_path: Path, make_folder: MakeFolder) -> Path:
    """A folder with a VOCdevkit of three trainval images and one that is not in the list."""
    home = tmp_path / "there" / "VOCdevkit" / "VOC2007"
    images = make_folder(4)
    home.mkdir(parents=True)
    images.rename(home / "JPEGImages")
    for image in (home / "JPEGImages").iterdir():
        image.rename(image.with_suffix(".jpg"))
    (home / "ImageSets" / "Main").mkdir(parents=True)
    (home / "ImageSets" / "Main" / "trainval.txt").write_text("2\n0\n1\n")
    return tmp_path / "there"


@pytest.mark.parametrize("below", [".", "VOCdevkit", "VOCdevkit/VOC2007"])
def test_found_under_the_root(voc: Path, below: str) -> None:
    listing = Voc2007Source(root=voc / below).list_images(288)
    assert [file.name for file in listing.files] == ["2.jpg", "0.jpg", "1.jpg"]
    assert all(file.path.is_file() for file in listing.files)


def test_missing_images_say_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no VOCdevkit/VOC2007 in .*data\.source\.download=true"):
        Voc2007Source(root=tmp_path).list_images(288)


def test_by_default_they_are_looked_for_in_the_cache(cache_folder: Path) -> None:
    with pytest.raises(DataError, match=str(cache_folder / "voc2007")):
        Voc2007Source().list_images(288)


def test_an_unpacked_half_is_refused(voc: Path) -> None:
    (voc / "VOCdevkit" / "VOC2007" / "JPEGImages" / "1.jpg").unlink()
    with pytest.raises(DataError, match="1 of the 3 images missing"):
        Voc2007Source(root=voc).list_images(288)


@pytest.fixture
def served(voc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serves that VOCdevkit as torchvision expects it; yields the checksum."""
    archive = tmp_path / "served" / "voc.tar"
    archive.parent.mkdir()
    with tarfile.open(archive, "w") as tar:
        tar.add(voc / "VOCdevkit", "VOCdevkit")
    checksum = hashlib.md5(archive.read_bytes()).hexdigest()
    handler = partial(SimpleHTTPRequestHandler, directory=str(archive.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _offer(f"http://127.0.0.1:{server.server_port}/voc.tar", checksum, monkeypatch)
        yield checksum
        server.shutdown()


def _offer(url: str, checksum: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.datasets import voc

    entry = {**voc.DATASET_YEAR_DICT["2007"], "url": url, "md5": checksum}
    monkeypatch.setitem(voc.DATASET_YEAR_DICT, "2007", entry)


@pytest.mark.usefixtures("served")
def test_downloaded_on_request_and_only_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Voc2007Source(root=tmp_path / "new" / "root", download=True)
    assert len(source.list_images(288).files) == 3
    _offer("http://127.0.0.1:9/nothing", "0" * 32, monkeypatch)
    assert len(source.list_images(288).files) == 3


@pytest.mark.usefixtures("served")
def test_a_wrong_checksum_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.datasets import voc

    _offer(voc.DATASET_YEAR_DICT["2007"]["url"], "0" * 32, monkeypatch)
    with pytest.raises(DataError, match="cannot be downloaded"):
        Voc2007Source(root=tmp_path / "new", download=True).list_images(288)


def test_no_network_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _offer("http://127.0.0.1:9/voc.tar", "0" * 32, monkeypatch)
    with pytest.raises(DataError, match=r"cannot be downloaded from http.* refused"):
        Voc2007Source(root=tmp_path / "new", download=True).list_images(288)
