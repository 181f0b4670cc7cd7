import errno
import os

import pytest
import torch

from sr_models.training.checkpoint import (
    LAST,
    PREVIOUS,
    Checkpoint,
    CheckpointError,
    copy_weights,
    discard_checkpoint,
    read_checkpoint,
    write_checkpoint,
)


def checkpoint(epoch, value=0.0):
    rows = [{"number": number, "metrics": {}} for number in range(1, epoch + 1)]
    notes = {
        "settings": {"seed": 0},
        "fingerprint": "f",
        "rows": rows,
        "patience": {"waited": 3},
        "lr_schedule": {"level": 0.5},
        "average_updates": 7,
    }
    return Checkpoint(epoch, {"network.weight": torch.full((2, 3), value)}, notes)


def test_what_is_written_is_read(tmp_path):
    written = checkpoint(3, 1.5)
    write_checkpoint(tmp_path / "new", written)
    read = read_checkpoint(tmp_path / "new")
    assert (read.epoch, read.notes) == (3, written.notes)
    assert torch.equal(read.tensors["network.weight"], written.tensors["network.weight"])


def test_a_folder_without_a_checkpoint_has_none(tmp_path):
    assert read_checkpoint(tmp_path) is None


@pytest.mark.parametrize("damage", ["cut", "empty", "noise"])
def test_the_one_before_stands_in_for_a_broken_one(tmp_path, damage):
    for epoch in (1, 2, 3):
        write_checkpoint(tmp_path, checkpoint(epoch))
    content = (tmp_path / LAST).read_bytes()
    broken = {"cut": content[:-5], "empty": b"", "noise": b"\xff" * len(content)}
    (tmp_path / LAST).write_bytes(broken[damage])
    assert read_checkpoint(tmp_path).epoch == 2


def test_where_all_are_broken_the_way_on_is_told(tmp_path):
    for epoch in (1, 2):
        write_checkpoint(tmp_path, checkpoint(epoch))
    for name in (LAST, PREVIOUS):
        (tmp_path / name).write_bytes(b"no")
    with pytest.raises(CheckpointError, match="Delete these files to train from the first epoch"):
        read_checkpoint(tmp_path)


def test_another_format_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("sr_models.training.checkpoint.FORMAT", 99)
    write_checkpoint(tmp_path, checkpoint(1))
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match="format 99"):
        read_checkpoint(tmp_path)


def test_a_full_disk_leaves_the_last_checkpoint(tmp_path, monkeypatch):
    write_checkpoint(tmp_path, checkpoint(1))

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CheckpointError, match=r"No space left on device.*make room"):
        write_checkpoint(tmp_path, checkpoint(2))
    assert read_checkpoint(tmp_path).epoch == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([LAST, PREVIOUS])


class Killed(BaseException):
    """Nobody catches it, as nobody catches a kill."""


@pytest.mark.parametrize("call", range(12))
def test_a_kill_at_any_call_leaves_a_checkpoint(tmp_path, monkeypatch, call):
    write_checkpoint(tmp_path, checkpoint(1))
    write_checkpoint(tmp_path, checkpoint(2))
    calls = 0

    def killing(function):
        def wrapped(*values, **named):
            nonlocal calls
            calls += 1
            if calls > call:  # also those of a clean-up, which a kill would not run
                raise Killed
            return function(*values, **named)

        return wrapped

    for name in ("link", "replace", "rename", "fsync", "open", "unlink"):
        monkeypatch.setattr(os, name, killing(getattr(os, name)))
    try:
        write_checkpoint(tmp_path, checkpoint(3))
        finished = True
    except Killed:
        finished = False
    monkeypatch.undo()
    assert read_checkpoint(tmp_path).epoch in ((3,) if finished else (2, 3))


def test_no_links_no_loss(tmp_path, monkeypatch):
    def unsupported(*_):
        raise OSError(errno.EPERM, "links are not supported")

    monkeypatch.setattr(os, "link", unsupported)
    for epoch in (1, 2):
        write_checkpoint(tmp_path, checkpoint(epoch))
    (tmp_path / LAST).unlink()
    assert read_checkpoint(tmp_path).epoch == 1


def test_inheriting_takes_the_donors_weights_and_keeps_what_is_ones_own(tmp_path):
    donor, target = tmp_path / "donor", tmp_path / "target"
    write_checkpoint(donor, checkpoint(9, 9.0))
    write_checkpoint(target, checkpoint(4, 4.0))
    copy_weights(donor, target, epoch=3)
    inherited = read_checkpoint(target)
    assert inherited.epoch == 3
    assert inherited.tensors["network.weight"][0, 0] == 9.0
    assert [row["number"] for row in inherited.notes["rows"]] == [1, 2, 3]
    assert inherited.notes["settings"] is None
    assert inherited.notes["average_updates"] == 7
    assert inherited.notes["patience"] == inherited.notes["lr_schedule"] == {}
    assert read_checkpoint(donor).epoch == 9


def test_inheriting_needs_a_donor_and_no_checkpoint_of_ones_own(tmp_path):
    with pytest.raises(CheckpointError, match="no checkpoint to copy weights from"):
        copy_weights(tmp_path / "donor", tmp_path / "target", epoch=1)
    write_checkpoint(tmp_path / "donor", checkpoint(2))
    copy_weights(tmp_path / "donor", tmp_path / "target", epoch=1)
    assert read_checkpoint(tmp_path / "target").notes["rows"] == []


def test_discarding_keeps_what_people_look_at(tmp_path):
    for epoch in (1, 2):
        write_checkpoint(tmp_path, checkpoint(epoch))
    (tmp_path / "best.safetensors").touch()
    discard_checkpoint(tmp_path)
    discard_checkpoint(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["best.safetensors"]
