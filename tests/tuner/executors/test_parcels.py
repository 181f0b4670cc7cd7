"""Files of a trial come and go whole, and only those that have changed."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from sr_models.training.epoch import Epoch
from tuner.executors.ray import parcels
from tuner.executors.ray.parcels import (
    FileServer,
    FolderChanges,
    Parcel,
    fetch_prepared,
    packed,
    show_prepared,
)
from tuner.objectives.checkpoint import CheckpointStore


def save(folder: Path, epoch: int) -> None:
    store = CheckpointStore(folder)
    store.write({"epoch": epoch})
    store.commit(Epoch(epoch, {"score": 1.0}, 0.0, 1.0))


def test_a_folder_arrives_as_it_was(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    (here / "pictures" / "epoch-0001").mkdir(parents=True)
    (here / "pictures" / "epoch-0001" / "0.webp").write_bytes(b"picture")
    save(here, 1)
    FileServer().folder(str(here)).unpack(there)
    assert packed(there) == packed(here)
    assert FileServer().folder(str(tmp_path / "nowhere")) == Parcel()


def test_only_what_has_changed_goes_back(tmp_path: Path) -> None:
    save(tmp_path, 1)
    (tmp_path / "large").write_bytes(bytes(1000))
    changes = FolderChanges(tmp_path)
    assert changes.parcel() == Parcel()
    save(tmp_path, 2)
    parcel = changes.parcel()
    assert set(parcel.files) == {"checkpoint-000002", "checkpoint-000002.json"}
    assert set(parcel.gone) == {"checkpoint-000001", "checkpoint-000001.json"}
    assert changes.parcel() == Parcel()


def test_a_driver_that_dies_while_it_unpacks_has_a_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    save(here, 1)
    packed(here).unpack(there)
    changes = FolderChanges(here)
    save(here, 2)
    parcel = changes.parcel()
    write = parcels.write_atomically

    for lives in range(3):
        left = [lives]

        def dying(file: Path, content: bytes, left: list[int] = left) -> None:
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
            write(file, content)

        with monkeypatch.context() as patch:
            patch.setattr(parcels, "write_atomically", dying)
            if lives < 2:
                with pytest.raises(KeyboardInterrupt):
                    parcel.unpack(there)
            else:
                parcel.unpack(there)
        found = CheckpointStore(there).newest(most=2)
        assert found is not None
        assert found.read()["epoch"] == found.epoch.number == (1 if lives < 2 else 2)


def test_what_was_unpacked_is_not_kept(tmp_path: Path) -> None:
    parcel = Parcel({"file": b"text"})
    parcel.unpack_once(tmp_path)
    assert (tmp_path / "file").read_bytes() == b"text"
    assert parcel.files == {}


def test_what_was_prepared_arrives_once_in_a_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, asked = tmp_path / "study", []
    (study / "index").mkdir(parents=True)
    (study / "index" / "0.txt").write_text("index")
    (study / "study.yaml").write_text("study: s")

    def prepared(path: str) -> Parcel:
        asked.append(path)
        return FileServer().prepared(path)

    server = SimpleNamespace(prepared=SimpleNamespace(remote=prepared))
    monkeypatch.setattr("ray.get_actor", lambda name: server)
    monkeypatch.setattr("ray.get", lambda found: found)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    gone = tmp_path / "sr-tuner-copies-999999999-x"
    gone.mkdir()
    copies = {fetch_prepared("files", str(study)) for _ in range(2)}
    (copy,) = copies
    assert asked == [str(study)]
    assert not gone.exists(), "left by a process that was killed"
    here = tmp_path / "here"
    here.mkdir()
    show_prepared(copy, here)
    assert [one.name for one in here.iterdir()] == ["index"]
    assert (here / "index" / "0.txt").read_text() == "index"
