"""Where a run stands after an epoch, on disk: the last state and the one before it.

One safetensors file holds all, so it is whole or absent, and reading it runs no code. The state
before is kept until the next epoch: should the last one prove unreadable (a disk fault), training
goes on from there and repeats one epoch.
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
    """Tensors by name, and what is not a tensor, as JSON knows it."""

    epoch: int
    tensors: "Mapping[str, Tensor]"
    notes: Mapping[str, Any]


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Make `checkpoint` the folder's last one, atomically; the last becomes the previous.

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
    """Read the last checkpoint, or the previous one where that is broken; None without any.

    Raises:
        CheckpointError: there are checkpoints, and none can be read.
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


def inherit_checkpoint(donor_folder: Path, target_folder: Path, *, epoch: int) -> None:
    """Let the target go on after its own epoch `epoch` with what the donor has learned.

    From the donor come weights, optimiser moments and weight average; hyperparameters come from
    the config that the target is then run with, whatever it says about the learning rate, betas
    or weight decay. Its learning rate schedule and its patience start afresh; its own rows and
    its own best stay.

    Raises:
        CheckpointError: the donor has no checkpoint, or the target's cannot be written.
    """
    donor = read_checkpoint(donor_folder)
    if donor is None:
        raise CheckpointError(f"{donor_folder}: no checkpoint to inherit from")
    own = _readable(target_folder)
    rows = [row for row in own.notes["rows"] if row["number"] <= epoch] if own else []
    notes = {
        **donor.notes,
        "settings": None,  # of the donor's run, and not what the target is held to
        "rows": rows,
        "patience": {},
        "lr_schedule": {},
    }
    write_checkpoint(target_folder, replace(donor, epoch=epoch, notes=notes))


def _readable(folder: Path) -> Checkpoint | None:
    """As `read_checkpoint`, where a broken one is as good as none."""
    try:
        return read_checkpoint(folder)
    except CheckpointError:
        return None


def discard_checkpoint(folder: Path) -> None:
    """Delete what only serves to go on training; the best weights and the pictures stay."""
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
        os.link(last, spare)  # the last one stays in its place all the while
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
