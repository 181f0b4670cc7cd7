"""The state that a trial's own code saves: written completely or not at all, and tied to an epoch.

`write` stores a state beside the current checkpoint; `commit` makes it the checkpoint once the
epoch that it belongs to is known. If the process is killed in between, the checkpoint of the
previous epoch remains, which is the last epoch in study.db.
"""

import json
import os
import shutil
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from sr_models.atomic import write_atomically
from sr_models.training.epoch import Epoch
from tuner.objectives.errors import ObjectiveError

_PENDING = "checkpoint.pending"
_NAME = "checkpoint-{:06d}"


@dataclass(frozen=True)
class Checkpoint:
    """A saved state, and the epoch after which it was saved."""

    file: Path
    epoch: Epoch

    def read(self) -> Any:
        """Return the state.

        Raises:
            ObjectiveError: it cannot be read on this machine.
        """
        try:
            return _read(self.file)
        except Exception as error:
            raise ObjectiveError(
                f"the state that was saved after epoch {self.epoch.number} cannot be read: "
                f"{type(error).__name__}: {error}"
            ) from error


@dataclass(frozen=True)
class CheckpointStore:
    """The checkpoint in a trial's folder."""

    folder: Path

    def write(self, state: Any) -> None:
        """Write a state; it takes effect when it is committed.

        Raises:
            ObjectiveError: it cannot be pickled.
        """
        with (self.folder / _PENDING).open("wb") as file:
            try:
                _dump(state, file)
            except OSError:
                raise
            except Exception as error:
                raise ObjectiveError(
                    f"trial.save cannot pickle this state: {type(error).__name__}: {error}"
                ) from error
            file.flush()
            os.fsync(file.fileno())

    def commit(self, epoch: Epoch) -> None:
        """Make the state that was written last, if any, the checkpoint of an epoch."""
        pending = self.folder / _PENDING
        if not pending.exists():
            return
        file = self.folder / _NAME.format(epoch.number)
        write_atomically(_row(file), json.dumps(asdict(epoch)).encode(), durable=False)
        pending.replace(file)
        for older in self._files():
            if older != file:
                _delete(older)

    def newest(self, *, most: int) -> Checkpoint | None:
        """Return the checkpoint of the latest epoch up to `most`, to continue from it."""
        (self.folder / _PENDING).unlink(missing_ok=True)
        return self.look(most=most)

    def look(self, *, most: int = sys.maxsize) -> Checkpoint | None:
        """Return the same, and leave alone what a running trial is about to commit."""
        found = [Checkpoint(file, epoch) for file in self._files() if (epoch := _epoch(file))]
        usable = [checkpoint for checkpoint in found if checkpoint.epoch.number <= most]
        return max(usable, key=lambda checkpoint: checkpoint.epoch.number, default=None)

    def copy(self, donor: Path, *, epoch: int) -> None:
        """Continue from the donor's state at this trial's `epoch` (population-based training).

        Raises:
            ObjectiveError: the donor has saved no state.
        """
        theirs = CheckpointStore(donor).newest(most=sys.maxsize)
        if theirs is None:
            raise ObjectiveError(f"the donor {donor.name} has saved no state to continue from")
        shutil.copyfile(theirs.file, self.folder / _PENDING)
        self.commit(replace(theirs.epoch, number=epoch))

    def discard(self) -> None:
        """Delete the checkpoint."""
        (self.folder / _PENDING).unlink(missing_ok=True)
        for file in self._files():
            _delete(file)

    def _files(self) -> list[Path]:
        return [file for file in self.folder.glob("checkpoint-*") if not file.suffix]


def _row(file: Path) -> Path:
    return file.with_name(f"{file.name}.json")


def _epoch(file: Path) -> Epoch | None:
    """The epoch of a checkpoint; None if a power failure has left it half-written."""
    try:
        return Epoch(**json.loads(_row(file).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _delete(file: Path) -> None:
    file.unlink(missing_ok=True)
    _row(file).unlink(missing_ok=True)


def _dump(state: Any, file: BinaryIO) -> None:
    """Pickle a state; classes that belong to no module (a notebook's) are pickled by value."""
    import cloudpickle

    torch = sys.modules.get("torch")
    if torch is None:
        cloudpickle.dump(state, file)
    else:  # tensors are saved as bytes, and can be loaded on any device
        torch.save(state, file, pickle_module=cloudpickle)


def _read(file: Path) -> Any:
    import pickle

    with file.open("rb") as opened:
        if opened.read(2) != b"PK":  # files of torch.save are zip archives
            opened.seek(0)
            return pickle.load(opened)
    import torch

    return torch.load(file, map_location="cpu", weights_only=False)
