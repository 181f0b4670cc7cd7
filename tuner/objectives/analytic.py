"""A toy objective with closed-form learning curves, and faults on demand, for tests and demos.

It needs no data and trains nothing, but a search sees what it would see of training: better
settings end higher, curves rise and are noisy, each epoch depends on the state before it, and a
trial continues from its checkpoint.
"""

import json
import math
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any, Literal, Self

from pydantic import Field

from sr_models.errors import NonFiniteError
from sr_models.frozen import FrozenConfig
from tuner.objectives.protocol import Cost, Epoch, Metric, Progress, TrialContext

CHECKPOINT = "position.json"
TRAINED = "trained.txt"
"""A file with a line for each epoch that was computed, repeated epochs included: its number and the
process."""


class AnalyticConfig(FrozenConfig):
    """The settings of the toy, its length, and its faults.

    The best setting is x = 0.3, y = 0.7, depth = 4, kind = b, which ends at 30 dB.

    Args:
        x: where the curve ends; best 0.3.
        y: where the curve ends and how fast it rises; best 0.7.
        depth: layers of the imaginary network; best 4.
        kind: its architecture; b ends half a dB above a.
        seed: seed of the noise.
        noise: noise of an epoch, in dB.
        max_epochs: epochs of a full trial.
        patience: epochs without a better validation/psnr before a trial ends; None for no limit.
        seconds_per_epoch: how long an epoch sleeps.
        memory: MiB that a trial holds while it runs.
        weights: KiB of imaginary weights in a checkpoint.
        fault_above: the faults below happen only to trials with x of at least this.
        fail_at: the epoch that raises an error.
        fail_once: raise it only the first time that the trial gets there.
        fail_text: the message of the error; by default it says which epoch fails.
        nan_at: the epoch whose loss is not finite.
        nan_silently: yield the NaN instead of raising NonFiniteError, as a careless objective
            would.
        exit_at: the epoch in which the process dies without a message.
        exit_once: die only the first time that the trial gets there.
    """

    x: float = Field(default=0.5, ge=0, le=1)
    y: float = Field(default=0.5, ge=0, le=1)
    depth: int = Field(default=2, ge=1, le=16)
    kind: Literal["a", "b"] = "a"
    seed: int = 0
    noise: float = Field(default=0.05, ge=0)
    max_epochs: int = Field(default=9, ge=1)
    patience: int | None = Field(default=None, ge=1)
    seconds_per_epoch: float = Field(default=0.0, ge=0)
    memory: int = Field(default=0, ge=0)
    weights: int = Field(default=0, ge=0)
    fault_above: float = 0.0
    fail_at: int | None = Field(default=None, ge=1)
    fail_once: bool = False
    fail_text: str | None = None
    nan_at: int | None = Field(default=None, ge=1)
    nan_silently: bool = False
    exit_at: int | None = Field(default=None, ge=1)
    exit_once: bool = True


@dataclass
class _State:
    """The content of a checkpoint: the progress of the imaginary weights, and the rows so far."""

    progress: float = 0.0
    drift: float = 0.0
    rows: list[dict[str, Any]] = field(default_factory=list)
    weights: str = ""

    @property
    def epochs(self) -> list[Epoch]:
        return [Epoch(**row) for row in self.rows]


class Analytic:
    """The toy as an objective."""

    name = "analytic"
    config_type: type[FrozenConfig] = AnalyticConfig
    metrics: tuple[Metric, ...] = (
        Metric("validation/psnr", "maximize", "dB", decimals=2, baseline_label="bicubic"),
        Metric("validation/loss", "minimize"),
        Metric("train/loss", "minimize"),
        Metric("seconds", "minimize", "s", minor=True),
        Metric("parameters", "minimize", static=True),
    )
    keeps_weights = ("x", "y")
    fingerprinted: tuple[str, ...] = ()

    def configured(self, config: FrozenConfig) -> Self:
        """Return the same objective: no config adds metrics."""
        return self

    def prepare(self, config: FrozenConfig, folder: Path, progress: Progress) -> dict[str, Any]:
        """Return a made-up baseline; trials share nothing else."""
        return {"data": {"fingerprint": "analytic"}, "baseline_bicubic": {"validation/psnr": 24.0}}

    def static_metrics(self, config: FrozenConfig) -> dict[str, float]:
        """Return a number of parameters that grows with the depth, twice as fast for kind b."""
        config = _checked(config)
        return {"parameters": config.depth * (2000 if config.kind == "b" else 1000)}

    def max_epochs(self, config: FrozenConfig) -> int:
        """Return the epochs of a full trial."""
        return _checked(config).max_epochs

    def cost(self, config: FrozenConfig, threads: int, progress: Progress) -> Cost:
        """Return the seconds that an epoch sleeps."""
        return Cost(seconds_per_epoch=_checked(config).seconds_per_epoch)

    def run(self, config: FrozenConfig, context: TrialContext) -> Iterator[Epoch]:
        """Yield the epochs after `context.recorded`, from the checkpoint if there is one."""
        config = _checked(config)
        held = bytearray(config.memory * 2**20)
        state = _load(context.folder)
        for epoch in chain(state.epochs, _further(config, state, context.folder)):
            if epoch.number > context.recorded:
                last = epoch.number == len(state.rows) and _ended(config, state)
                yield replace(epoch, last=last)
        del held

    def copy_weights(self, donor: Path, folder: Path, *, epoch: int) -> None:
        """Copy the donor's progress; the trial's own rows stay."""
        state, theirs = _load(folder), _load(donor)
        _save(folder, replace(theirs, rows=state.rows[:epoch]))

    def discard_checkpoint(self, folder: Path) -> None:
        """Delete the checkpoint."""
        (folder / CHECKPOINT).unlink(missing_ok=True)


def _checked(config: FrozenConfig) -> AnalyticConfig:
    assert isinstance(config, AnalyticConfig)
    return config


def _further(config: AnalyticConfig, state: _State, folder: Path) -> Iterator[Epoch]:
    while not _ended(config, state):
        yield _train(config, state, folder)


def _ended(config: AnalyticConfig, state: _State) -> bool:
    return len(state.rows) >= config.max_epochs or _out_of_patience(config, state)


def _train(config: AnalyticConfig, state: _State, folder: Path) -> Epoch:
    number = len(state.rows) + 1
    started = time.time()
    with (folder / TRAINED).open("a") as file:
        file.write(f"{number} {os.getpid()}\n")
    time.sleep(config.seconds_per_epoch)
    _fault(config, number, folder)
    metrics = _metrics(config, state, number)
    epoch = Epoch(number, metrics, started, time.time())
    state.rows.append(asdict(epoch))
    state.weights = "0" * 1024 * config.weights
    _save(folder, state)
    return epoch


def _metrics(config: AnalyticConfig, state: _State, number: int) -> dict[str, float]:
    """The curve rises exponentially to its end, and wanders a little around it."""
    if number == config.nan_at and config.x >= config.fault_above:
        return dict.fromkeys(("validation/psnr", "validation/loss", "train/loss"), math.nan)
    random = Random(f"{config.seed} {config.x} {config.y} {config.depth} {config.kind} {number}")
    state.progress += 0.2 + 0.5 * config.y
    state.drift = 0.5 * state.drift + random.gauss(0, config.noise)
    psnr = end_of_curve(config) - 12 * math.exp(-state.progress) + state.drift
    loss = 10 ** (-psnr / 10)
    return {
        "train/loss": 0.95 * loss,
        "validation/loss": loss,
        "validation/psnr": psnr,
        "seconds": config.seconds_per_epoch,
    }


def end_of_curve(config: AnalyticConfig) -> float:
    """Return the validation/psnr, in dB, that a setting converges to without noise."""
    return (
        30.0
        - 8 * (config.x - 0.3) ** 2
        - 5 * (config.y - 0.7) ** 2
        - 0.1 * (config.depth - 4) ** 2
        - (0.5 if config.kind == "a" else 0.0)
    )


def _fault(config: AnalyticConfig, number: int, folder: Path) -> None:
    if config.x < config.fault_above:
        return
    if number == config.fail_at and _due(folder / "failed", config.fail_once):
        raise RuntimeError(config.fail_text or f"epoch {number} fails, as fail_at asks")
    if number == config.nan_at and not config.nan_silently:
        raise NonFiniteError(f"the loss of epoch {number} is nan, as nan_at asks")
    if number == config.exit_at and _due(folder / "exited", config.exit_once):
        os._exit(1)


def _due(mark: Path, once: bool) -> bool:
    """Whether a fault happens (again); a marker file in the trial's folder outlives the process."""
    due = not (once and mark.exists())
    mark.touch()
    return due


def _out_of_patience(config: AnalyticConfig, state: _State) -> bool:
    if config.patience is None or not state.rows:
        return False
    values = [row["metrics"]["validation/psnr"] for row in state.rows]
    return len(values) - 1 - values.index(max(values)) >= config.patience


def _load(folder: Path) -> _State:
    path = folder / CHECKPOINT
    return _State(**json.loads(path.read_text())) if path.is_file() else _State()


def _save(folder: Path, state: _State) -> None:
    temporary = folder / f"{CHECKPOINT}.{os.getpid()}"
    try:
        temporary.write_text(json.dumps(asdict(state)))
        temporary.replace(folder / CHECKPOINT)
    finally:
        temporary.unlink(missing_ok=True)


OBJECTIVE = Analytic()
