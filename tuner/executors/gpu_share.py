"""How many trials share a GPU with `gpus_per_trial: auto`: as many as fit and gain from it.

The first trial is run alone for a few epochs, then two, four and eight copies at once, each in a
process of its own, like workers. Numbers that need too much memory are not tried.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

GPU_SHARE = "gpus_per_trial"
"""The key in study.db for the choice, and for what running out of memory has taught."""

GAIN = 1.15
"""Factor by which the epochs per second must increase to be worth twice as many trials."""
SHARE_OF_FREE = 0.9
"""Fraction of the GPU's free memory that trials may fill: other settings may need more memory."""
CONTEXT = 600 * 10**6
"""Bytes of GPU memory that a process takes for CUDA and its libraries, before any tensor."""
MOST = 8
"""Most trials on a GPU: more than this never gained anything."""


@dataclass(frozen=True)
class Pace:
    """The measured speed of trials that share a GPU.

    Args:
        epochs_per_second: of all of them together.
        memory: bytes that each of them took at its peak, without CUDA itself.
        free: bytes of the GPU's memory that were free before.
    """

    epochs_per_second: float
    memory: int
    free: int


class NoPaceError(Exception):
    """Why trials that share a GPU could not be measured."""


@dataclass(frozen=True)
class Choice:
    """The number of trials on each GPU, and the reason."""

    trials: int
    why: str

    @property
    def gpus(self) -> float:
        """The part of a GPU for each trial."""
        return 1 / self.trials


def choose(measure: Callable[[int], Pace], most: int) -> Choice:
    """Choose how many trials share a GPU.

    Args:
        measure: runs so many at once on a GPU; raises `NoPaceError` if that is not possible.
        most: the most trials on a GPU that cores, memory and the number of trials allow.
    """
    if most < 2:
        return Choice(1, "there are no more trials for it at once")
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
    """The part of a GPU for each trial, which grows once several together run out of memory.

    Args:
        gpus: the part for each trial.
        workers: trials at once, on all GPUs.
        news: messages that have not been shown yet.
    """

    gpus: float
    workers: int
    news: list[str] = field(default_factory=list)

    def ran_out(self, gpus: float) -> None:
        """Reduce the sharing after a trial that had this part of a GPU ran out of memory.

        Trials that ran out beside it had the same part, and change nothing more.
        """
        beside = max(1, round(1 / gpus) - 1)
        if self.gpus >= 1 / beside:
            return
        there = math.ceil(self.workers * self.gpus - 1e-9)
        self.gpus, self.workers = 1 / beside, min(self.workers, there * beside)
        fewer = "one trial at a time" if beside == 1 else f"at most {beside} trials at once"
        self.news.append(
            f"out of memory with {beside + 1} trials on a GPU: {fewer} from now on; "
            "those that ran out continue from their checkpoints"
        )

    def tell(self) -> list[str]:
        """Return the messages, and forget them."""
        told, self.news = self.news, []
        return told
