"""How many trials share a GPU under `gpus_per_trial: auto`: as many as fit and gain by it.

The first trial is run alone for a few epochs, then two, four and eight times at once, each in a
process of its own, as workers would. What its memory rules out is not tried.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

GPU_SHARE = "gpus_per_trial"
"""Under this name, study.db keeps what was chosen, or what running out of memory has taught."""

GAIN = 1.15
"""Times as many epochs in the same time that twice as many trials must bring to be worth it."""
SHARE_OF_FREE = 0.9
"""Of the GPU's free memory that trials may fill: other settings may need more than the first."""
CONTEXT = 600 * 10**6
"""Bytes of GPU memory that a process takes for CUDA and its libraries, before any tensor."""
MOST = 8
"""Trials on one GPU at most: with more, they were never seen to gain."""


@dataclass(frozen=True)
class Pace:
    """What was seen of trials side by side on one GPU.

    Args:
        epochs_per_second: of all of them together.
        memory: bytes that each of them took at its peak, without CUDA itself.
        free: bytes of the GPU's memory that were free before.
    """

    epochs_per_second: float
    memory: int
    free: int


class NoPaceError(Exception):
    """Trials side by side could not be measured, and why."""


@dataclass(frozen=True)
class Choice:
    """So many trials on each GPU, and why."""

    trials: int
    why: str

    @property
    def gpus(self) -> float:
        """Of each trial."""
        return 1 / self.trials


def choose(measure: Callable[[int], Pace], most: int) -> Choice:
    """Choose how many trials share a GPU.

    Args:
        measure: runs so many at once on one GPU; raises `NoPaceError` where that cannot be done.
        most: trials on one GPU that there is anything else for: cores, memory, trials.
    """
    if most < 2:
        return Choice(1, "there is no more for it to do at once")
    try:
        pace = measure(1)
    except NoPaceError as error:
        return Choice(1, str(error))
    fits = int(SHARE_OF_FREE * pace.free // (pace.memory + CONTEXT))
    size = f"each takes {(pace.memory + CONTEXT) / 1e9:.1f} of {pace.free / 1e9:.1f} GB"
    chosen, told = 1, ""
    while 2 * chosen <= min(most, fits, MOST):
        try:
            together = measure(2 * chosen)
        except NoPaceError as error:
            told = f"{2 * chosen}: {error}"
            break
        gain = together.epochs_per_second / pace.epochs_per_second
        told = f"{2 * chosen} are {gain:.2f} times as fast as {chosen}"
        if gain < GAIN:
            break
        chosen, pace = 2 * chosen, together
    return Choice(chosen, "; ".join(filter(None, [size, told])))


@dataclass
class Sharing:
    """What each trial takes of a GPU; more, once memory has run out for several together.

    Args:
        gpus: of each trial.
        workers: trials at once, on all GPUs.
        news: what is new, to be told.
    """

    gpus: float
    workers: int
    news: list[str] = field(default_factory=list)

    def ran_out(self, gpus: float) -> None:
        """Memory ran out for a trial that had this share of a GPU.

        Trials that ran out beside it had the same share, and say nothing new.
        """
        beside = max(1, round(1 / gpus) - 1)
        if self.gpus >= 1 / beside:
            return
        there = math.ceil(self.workers * self.gpus - 1e-9)
        self.gpus, self.workers = 1 / beside, min(self.workers, there * beside)
        fewer = "one trial at a time" if beside == 1 else f"at most {beside} trials at once"
        self.news.append(
            f"out of memory with {beside + 1} trials on a GPU: {fewer} from now on; "
            "those that ran out go on from their checkpoints"
        )

    def tell(self) -> list[str]:
        """The news, once."""
        told, self.news = self.news, []
        return told
