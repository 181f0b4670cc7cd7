"""The files of a run after each epoch: pictures, the best model, a checkpoint.

Everything is copied first, so that it can be written while the next epoch changes the weights. Most
of the time of writing is waiting for the disk.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sr_models.atomic import write_atomically
from sr_models.scales import Output
from sr_models.training.checkpoint import BEST, Checkpoint, write_checkpoint, writing
from sr_models.training.epoch import Epoch
from sr_models.training.pictures import write_epoch_pictures
from sr_models.training.validation import Samples


@dataclass(frozen=True)
class EpochFiles:
    """An epoch as it is written to disk.

    Args:
        number: of the epoch.
        samples: the predictions in its pictures, in main memory.
        bicubic: the scores of bicubic upscaling on each of them, by output: see `bicubic_scores`.
        best: the model as a file, if the epoch is the best so far.
        checkpoint: the state of the run.
    """

    number: int
    samples: Samples
    bicubic: Mapping[Output, list[dict[str, float]]]
    best: bytes | None
    checkpoint: Checkpoint

    def write(self, folder: Path, before_saving: Callable[[], None]) -> None:
        """Write the files.

        The checkpoint comes last: if the process is killed before it is written, the epoch is
        trained again and everything is written again.

        Args:
            folder: the folder of the run.
            before_saving: called before anything is written; raises if that is not allowed any
                more.

        Raises:
            CheckpointError: no space or no permission.
        """
        before_saving()
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            if self.samples.wanted:
                write_epoch_pictures(folder, self.number, self.samples, self.bicubic)
            if self.best is not None:
                write_atomically(folder / BEST, self.best)
        before_saving()
        write_checkpoint(folder, self.checkpoint)


class WrittenEpochs:
    """Epochs whose files are written by another thread, in order.

    Leaving the context waits for the files in progress.
    """

    def __init__(self) -> None:
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="epoch-files")
        self._writing: tuple[Epoch, Future[None]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._writer.shutdown(wait=True)

    def put(self, epoch: Epoch, write: Callable[[], None]) -> None:
        """Start writing an epoch; the previous epoch must have been taken by `rest`.

        Args:
            epoch: the epoch.
            write: writes its files.
        """
        assert self._writing is None
        self._writing = epoch, self._writer.submit(write)

    @property
    def ready(self) -> bool:
        """Whether the files of an epoch are written, so that `rest` need not wait."""
        return self._writing is not None and self._writing[1].done()

    def rest(self) -> Iterator[Epoch]:
        """Yield the epoch that was put, if any, once it is on disk.

        Raises:
            CheckpointError: it could not be written.
        """
        if self._writing is not None:
            (epoch, written), self._writing = self._writing, None
            written.result()
            yield epoch
