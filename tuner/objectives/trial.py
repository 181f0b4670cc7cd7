"""A trial as training code sees it: its params, its progress, and its saved state."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tuner.objectives.checkpoint import Checkpoint, CheckpointStore
from tuner.objectives.pictures import write_picture, write_text
from tuner.objectives.protocol import TrialContext


class Trial:
    """The context of a training function or of `Objective.train`.

    Attributes:
        params: the setting of the trial; keys with dots become nested dictionaries.
        epoch: how many epochs the state of `load` has; training continues with the next.
        folder: a folder for files of the trial.
        threads: number of threads that the trial may use; None for no limit.
        shared: what `Objective.prepare` has returned.
        next_epoch: the epoch that is in progress.
    """

    def __init__(
        self, params: Mapping[str, Any], context: TrialContext, checkpoint: Checkpoint | None
    ) -> None:
        self.params = dict(params)
        self.epoch = checkpoint.epoch.number if checkpoint else 0
        self.folder: Path = context.folder
        self.threads = context.threads
        self.shared: Mapping[str, Any] = context.shared.get("data", {})
        self.next_epoch = self.epoch + 1
        self._checkpoint = checkpoint
        self._store = CheckpointStore(context.folder)

    @property
    def device(self) -> str:
        """`cuda` if there is a GPU for the trial, else `cpu`."""
        try:
            import torch
        except ImportError:
            return "cpu"
        return "cuda" if torch.cuda.is_available() else "cpu"

    def save(self, state: Any) -> None:
        """Save a state to resume from; it belongs to the epoch that is yielded next.

        It replaces the previous state when that epoch is yielded, so a trial that is killed at any
        moment resumes with a state that fits its epoch. A trial that saves only now and then
        repeats the epochs since; a trial that never saves repeats all of them.

        Args:
            state: anything that can be pickled, with tensors on any device.

        Raises:
            ObjectiveError: it cannot be pickled.
        """
        self._store.write(state)

    def load(self) -> Any:
        """Return the state to resume from, with tensors on the CPU; None at the start.

        Raises:
            ObjectiveError: it cannot be read on this machine.
        """
        return self._checkpoint.read() if self._checkpoint else None

    def picture(self, name: str, image: Any) -> None:
        """Show a picture of this epoch on the compare page, beside those of other trials.

        Args:
            name: what it shows; pictures of the same name are shown side by side.
            image: a file; a PIL image; an array or tensor, (H, W), (H, W, 3) or (3, H, W), with
                integers from 0 to 255 or floats from 0 to 1; or a figure of matplotlib.

        Raises:
            ObjectiveError: it is not a picture.
        """
        write_picture(self.folder, self.next_epoch, name, image)

    def text(self, name: str, text: str) -> None:
        """Show a text of this epoch on the compare page, beside those of other trials."""
        write_text(self.folder, self.next_epoch, name, text)
