"""Checkpoints on disk: the state of a run after its last epoch, and after the previous epoch.

A checkpoint is a single safetensors file, so it exists completely or not at all, and reading it
runs no code. The previous checkpoint is kept until the next epoch: if the last one is unreadable (a
disk fault), training continues from the previous one and repeats an epoch.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sr_models.atomic import write_atomically
from sr_models.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

FORMAT = 1
LAST = "checkpoint.safetensors"
PREVIOUS = "checkpoint.previous.safetensors"
BEST = "best.safetensors"
_KEY = "sr_models_checkpoint"


class CheckpointError(UserError):
    """A checkpoint cannot be written, read, or does not belong to this run."""


@dataclass(frozen=True)
class Checkpoint:
    """Tensors by name, and all else as JSON."""

    epoch: int
    tensors: "Mapping[str, Tensor]"
    notes: Mapping[str, Any]


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Make `checkpoint` the folder's last checkpoint, atomically; the last becomes the previous.

    Raises:
        CheckpointError: no space or no permission; the folder's last checkpoint is intact.
    """
    from safetensors.torch import save

    described = {"format": FORMAT, "epoch": checkpoint.epoch, "notes": checkpoint.notes}
    text = json.dumps(described, allow_nan=False)
    content = save(dict(checkpoint.tensors), metadata={_KEY: text})
    with writing(folder / LAST):
        folder.mkdir(parents=True, exist_ok=True)
        _keep_previous(folder)
        write_atomically(folder / LAST, content)


def read_checkpoint(folder: Path) -> Checkpoint | None:
    """Read the last checkpoint, or the previous one if the last is damaged; None if there is none.

    Raises:
        CheckpointError: there are checkpoints, but none can be read.
    """
    broken: list[str] = []
    for path in (folder / LAST, folder / PREVIOUS):
        if path.exists():
            try:
                return _read(path)
            except CheckpointError as error:
                broken.append(str(error))
    if broken:
        raise CheckpointError(
            "\n".join(broken) + "\nDelete these files to train from the first epoch again."
        )
    return None


def copy_weights(donor_folder: Path, target_folder: Path, *, epoch: int) -> None:
    """Let the target continue, after its own epoch `epoch`, with what the donor has learned.

    Weights, optimizer moments and weight average come from the donor; hyperparameters come from the
    config that the target is then run with, whatever it says about the learning rate, betas or
    weight decay. Its learning rate schedule and its patience start anew; its own rows and its own
    best stay.

    Args:
        donor_folder: the folder of the donor.
        target_folder: the folder of the trial that continues.
        epoch: the number of epochs that the target has.

    Raises:
        CheckpointError: the donor has no checkpoint, or the target's cannot be written.
    """
    donor = read_checkpoint(donor_folder)
    if donor is None:
        raise CheckpointError(f"{donor_folder}: no checkpoint to copy weights from")
    own = _readable(target_folder)
    rows = [row for row in own.notes["rows"] if row["number"] <= epoch] if own else []
    notes = {
        **donor.notes,
        "settings": None,  # the donor's, which the target need not keep
        "rows": rows,
        "patience": {},
        "lr_schedule": {},
    }
    write_checkpoint(target_folder, replace(donor, epoch=epoch, notes=notes))


def _readable(folder: Path) -> Checkpoint | None:
    """The checkpoint, or None if there is none that can be read."""
    try:
        return read_checkpoint(folder)
    except CheckpointError:
        return None


def discard_checkpoint(folder: Path) -> None:
    """Delete what is only needed to continue training; the best weights and the pictures stay."""
    for name in (LAST, PREVIOUS):
        (folder / name).unlink(missing_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn failures to write `path` into an error that says what to do.

    Raises:
        CheckpointError: a write failed.
    """
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CheckpointError(
            f"cannot write {path}: {reason}. What was there before is intact: "
            "make room (or the folder writable) and resume."
        ) from error


def _keep_previous(folder: Path) -> None:
    last, previous = folder / LAST, folder / PREVIOUS
    if not last.exists():
        return
    spare = previous.with_name(f".{PREVIOUS}.{os.getpid()}.part")
    spare.unlink(missing_ok=True)
    try:
        os.link(last, spare)  # the last checkpoint stays in its place meanwhile
    except OSError:
        shutil.copyfile(last, spare)  # a file system without links
    spare.replace(previous)


def _read(path: Path) -> Checkpoint:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            described = json.loads((file.metadata() or {})[_KEY])
            if described["format"] != FORMAT:
                raise CheckpointError(
                    f"{path}: format {described['format']}, this version reads {FORMAT}"
                )
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path}: not a readable checkpoint ({error})") from error
    return Checkpoint(described["epoch"], tensors, described["notes"])
