"""Writes studies as a search would, without training anything.

`write_study` makes a whole results folder; `FakeStudy` goes epoch by epoch, for tests that watch a
study while it runs. Both go through `tuner.records`, so what they write is what readers will meet.
"""

import heapq
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tuner.objectives.super_resolution import METRICS, PICTURES
from tuner.records import EpochRecord, EventKind, Records, TrialKind, TrialRecord, TrialState
from tuner.records.status import ALL_DONE

EPOCH_OF_TIME = 1_760_000_000.0  # a fixed "now", so that a study is the same every time
BICUBIC = {
    "validation/psnr": 26.8,
    "validation/psnr_mid": 28.4,
    "validation/psnr_large": 25.2,
    "validation/ssim": 0.8512,
    "validation/gain": 0.0,
}
BASELINES: dict[str, tuple[dict[str, Any], dict[str, float]]] = {
    "AS-24": (
        {"loss.type": "mse", "optimizer.learning_rate": 1e-3, "training.max_epochs": 25},
        {
            "train/loss": 0.0209415,
            "train/psnr": 4.00341,
            "validation/loss": 0.021347,
            "validation/psnr": 4.02061,
        },
    ),
    "AS-25": (
        {"loss.type": "mae", "optimizer.learning_rate": 2e-3, "training.max_epochs": 15},
        {
            "train/loss": 0.106328,
            "train/psnr": 4.15753,
            "validation/loss": 0.105297,
            "validation/psnr": 4.19291,
        },
    ),
    "AS-26": (
        {
            "loss.type": "mae",
            "optimizer.learning_rate": 2e-2,
            "optimizer.betas": [0.9, 0.95],
            "training.max_epochs": 15,
        },
        {
            "train/loss": 0.459761,
            "train/psnr": 2.24731,
            "validation/loss": 0.459128,
            "validation/psnr": 2.27849,
        },
    ),
    "AS-27": (
        {"loss.type": "mae", "optimizer.learning_rate": 2e-4, "training.max_epochs": 20},
        {
            "train/loss": 0.0996419,
            "train/psnr": 4.20899,
            "validation/loss": 0.0996389,
            "validation/psnr": 4.23574,
        },
    ),
}
HOSTILE_NAMES = (
    "<script>window.hacked=1</script>",
    "</script><img src=x onerror=window.hacked=2>",
    "a\"b'c`d&amp;",
    "عربي שלום \u202eelpmis",
    "= 1+1,\t| x | $y_1$ \\end{table}",
)
"""Names that break pages, tables and spreadsheets that do not escape."""

HOSTILE_ERROR = "RuntimeError: </pre><script>window.hacked=3</script> \u202e 'quote' \"quote\" ${x}"

BASE_CONFIG: dict[str, Any] = {
    "data": {"source": {"type": "sample"}, "size": 72, "resize": "squash", "resample": "bicubic"},
    "network": {
        "type": "progressive",
        "block": "residual",
        "activation": "relu",
        "upsampler": "nearest",
        "channels": 64,
    },
    "loss": {"type": "mae"},
    "optimizer": {
        "type": "adam",
        "learning_rate": 1e-3,
        "betas": [0.9, 0.999],
        "weight_decay": 0.0,
    },
    "lr_schedule": {"type": "constant"},
    "training": {"batch_size": 10, "max_epochs": 15, "patience": 10, "precision": "auto"},
    "seed": 0,
}


def propose(rng: random.Random) -> dict[str, Any]:
    """A setting as a sampler would propose it; dilations only for a dilated block."""
    block = rng.choice(["residual", "dilated"])
    params = {
        "loss.type": rng.choice(["mse", "mae", "charbonnier"]),
        "optimizer.learning_rate": 10 ** rng.uniform(-4, -1.7),
        "optimizer.betas": rng.choice([[0.9, 0.999], [0.9, 0.95]]),
        "network.block": block,
        "network.channels": rng.choice([16, 32, 48, 64, 96]),
    }
    if block == "dilated":
        params["network.dilations"] = rng.choice([[1, 2, 4], [1, 2, 3]])
    return params


def resolve(params: Mapping[str, Any]) -> dict[str, Any]:
    """The objective's whole config with `params` set."""
    config: dict[str, Any] = json.loads(json.dumps(BASE_CONFIG))
    for path, value in params.items():
        *parents, leaf = path.split(".")
        section = config
        for parent in parents:
            section = section.setdefault(parent, {})
        section[leaf] = value
    return config


@dataclass
class _Curve:
    """What a trial's training looks like: PSNR rises from `start` to `final`."""

    start: float
    final: float
    pace: float
    noise: random.Random

    def metrics(self, epoch: int, seconds: float) -> dict[str, float]:
        fade = 2.718 ** (-epoch / self.pace)
        psnr = self.final - (self.final - self.start) * fade + self.noise.gauss(0, 0.03)
        mid, large = psnr + 1.5, psnr - 1.5
        loss = 10 ** (-mid / 10) + 10 ** (-large / 10)
        return {
            "train/loss": loss * 0.97,
            "train/psnr": psnr + 0.05 * epoch**0.5,
            "validation/loss": loss,
            "validation/psnr": psnr,
            "validation/psnr_mid": mid,
            "validation/psnr_large": large,
            "validation/ssim": max(0.0, min(1.0, 0.45 + psnr / 65)),
            "validation/gain": psnr - BICUBIC["validation/psnr"],
            "seconds": seconds,
        }


def _curve(config: Mapping[str, Any], rng: random.Random) -> _Curve:
    from math import log10

    rate = log10(config["optimizer"]["learning_rate"])
    network = config["network"]
    final = 27.6 - 0.9 * (rate + 3) ** 2 + 0.6 * (network["channels"] / 64) ** 0.5
    final += 0.25 * (network["block"] == "dilated") + 0.15 * (config["loss"]["type"] != "mse")
    return _Curve(19.0, final + rng.gauss(0, 0.1), 2.5 + rng.random(), rng)


class FakeStudy:
    """A study whose trials report when the test says so.

    Call `start`, `report` and `end` in any order that a real study could; every call is one
    transaction in study.db.
    """

    def __init__(
        self,
        folder: Path,
        *,
        name: str | None = None,
        trials: int = 16,
        workers: int = 2,
        seed: int = 0,
        metrics: Mapping[str, str] | None = None,
        bicubic: Mapping[str, float] | None = None,
        description: str = "Residual blocks with ReLU before upsampling",
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.rng = random.Random(seed)
        self.clock = EPOCH_OF_TIME
        self.workers = workers
        self._curves: dict[int, _Curve] = {}
        self._epochs: dict[int, int] = {}
        self._numbers = 0
        self.records = Records.create(folder)
        metrics = metrics or {"validation/psnr": "maximize"}
        info = {
            "study": name or folder.name,
            "description": description,
            "created": self.clock,
            "metrics": list(metrics),
            "directions": list(metrics.values()),
            "metrics_described": [metric.to_info() for metric in METRICS],
            "budget": {"trials": trials, "wall_clock": 1800.0},
            "workers": workers,
            "baseline_bicubic": dict(BICUBIC if bicubic is None else bicubic),
            "data": {"train": 320, "validation": 80, "skipped": [], "fingerprint": "c0ffee"},
        }
        with self.records.transaction():
            for key, value in info.items():
                self.records.set_info(key, value)
            self.records.add_event(self.clock, EventKind.STARTED)
        _write_files(folder, info)

    def start(
        self,
        name: str | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        kind: TrialKind = TrialKind.SEARCH,
        reported: Mapping[str, float] | None = None,
        time: float | None = None,
    ) -> int:
        """Add a running trial and return its number."""
        number = self._numbers
        self._numbers += 1
        chosen = dict(propose(self.rng) if params is None else params)
        config = resolve(chosen)
        channels = config["network"]["channels"]
        time = self.clock if time is None else time
        self.records.add_trial(
            TrialRecord(
                number=number,
                name=name or f"trial-{number:04d}",
                kind=kind,
                state=TrialState.RUNNING,
                params=chosen,
                config=config,
                reported=dict(reported or {}),
                static_metrics={"parameters": 36 * channels * channels + 200 * channels},
                created=time,
                started=time,
            )
        )
        self._curves[number] = _curve(config, self.rng)
        self._epochs[number] = 0
        return number

    def report(
        self, number: int, *, worker: str = "w0", started: float | None = None, seconds: float = 4.0
    ) -> dict[str, float]:
        """Add the next epoch of a trial and return its metrics."""
        self._epochs[number] += 1
        started = self.clock if started is None else started
        metrics = self._curves[number].metrics(self._epochs[number], seconds)
        self.clock = max(self.clock, started + seconds)
        self.records.add_epoch(
            EpochRecord(number, self._epochs[number], metrics, started, started + seconds, worker)
        )
        return metrics

    def end(
        self,
        number: int,
        state: TrialState = TrialState.COMPLETE,
        *,
        reason: str | None = None,
        error: str | None = None,
        time: float | None = None,
    ) -> None:
        """Give a trial its final state."""
        reasons = {TrialState.COMPLETE: "max_epochs", TrialState.STOPPED: "scheduler"}
        changes: dict[str, Any] = {
            "state": state,
            "ended": self.clock if time is None else time,
            "reason": reason or reasons.get(state),
        }
        if state is TrialState.FAILED:
            error = error or "NonFiniteError: train/loss became nan in epoch 3"
            changes |= {"error": error, "traceback": f"Traceback (most recent call last):\n{error}"}
        self.records.update_trial(number, **changes)

    def close(self, reason: str | None = ALL_DONE) -> Path:
        """End the study (or, without a reason, only close its file) and return its folder."""
        if reason is not None:
            self.records.add_event(self.clock, EventKind.ENDED, None, reason=reason)
        self.records.close()
        return self.folder


def write_study(
    folder: Path,
    *,
    trials: int = 16,
    epochs: int = 15,
    baselines: bool = True,
    stopping: bool = True,
    failures: bool = True,
    running: int = 0,
    pictures: int = 0,
    picture_sizes: tuple[int, int] = (144, 288),
    hostile: bool = False,
    **options: Any,
) -> Path:
    """Write a study of `trials` trials (the baselines among them) and return its folder.

    `stopping`: a scheduler ends weak trials at epochs 2 and 6. `failures`: one trial in nine
    fails, one is interrupted. `running`: the last so many are still at work. `pictures`: validation
    images per trial, of `picture_sizes`. `hostile`: trials named as nobody
    should name them, and such an error. Other options are `FakeStudy`'s.
    """
    study = FakeStudy(folder, trials=trials, **options)
    free = [(study.clock, f"w{index}") for index in range(study.workers)]
    heapq.heapify(free)
    with study.records.transaction():
        for index in range(trials):
            time, worker = heapq.heappop(free)
            number = _start(study, index, baselines, hostile, time)
            state, count = _fate(study, number, index, trials, epochs, stopping, failures, running)
            for epoch in range(count):
                seconds = 3.0 + study.rng.random() + study._curves[number].pace
                study.report(
                    number, worker=worker, started=time + 0.2 * (epoch == 0), seconds=seconds
                )
                time += seconds + 0.2 * (epoch == 0)
            if state is not TrialState.RUNNING:
                error = HOSTILE_ERROR if hostile else None
                study.end(number, state, error=error, time=time)
            heapq.heappush(free, (time + 0.5, worker))
    if pictures:
        write_pictures(study, pictures, picture_sizes)
    return study.close(None if running else ALL_DONE)


def _start(study: FakeStudy, index: int, baselines: bool, hostile: bool, time: float) -> int:
    if hostile and index < len(HOSTILE_NAMES):
        return study.start(HOSTILE_NAMES[index], time=time)
    if baselines and index < len(BASELINES):
        name, (params, reported) = list(BASELINES.items())[index]
        return study.start(
            name, params=params, kind=TrialKind.BASELINE, reported=reported, time=time
        )
    return study.start(time=time)


def _fate(
    study: FakeStudy,
    number: int,
    index: int,
    trials: int,
    epochs: int,
    stopping: bool,
    failures: bool,
    running: int,
) -> tuple[TrialState, int]:
    """How a trial of `write_study` ends, and after how many epochs."""
    if index >= trials - running:
        return TrialState.RUNNING, max(1, epochs // 2 - (trials - index))
    if failures and index % 9 == 8:
        return TrialState.FAILED, min(2, epochs)
    if failures and index == trials - running - 1 and index > 5:
        return TrialState.INTERRUPTED, max(1, epochs // 3)
    quality = study._curves[number].final
    if stopping and index >= len(BASELINES) and quality < 27.9:
        return TrialState.STOPPED, min(epochs, 2 if quality < 27.3 else 6)
    return TrialState.COMPLETE, epochs


def write_pictures(study: FakeStudy, images: int = 3, sizes: tuple[int, int] = (144, 288)) -> None:
    """Write the sample pictures of every trial: soft at first, sharper with the epochs."""
    import numpy as np
    from PIL import Image, ImageFilter

    root = study.folder / "pictures"
    root.mkdir(exist_ok=True)
    mid, large = sizes
    targets = []
    for k in range(images):
        y, x = np.mgrid[0:large, 0:large] / large
        waves = [np.sin(2 * np.pi * (f + k) * (x * a + y * b)) for f, a, b in _WAVES]
        rings = np.sin(90 * np.hypot(x - 0.5, y - 0.4 - k / 10))
        channels = [0.5 + 0.22 * wave + 0.2 * rings for wave in waves]
        array = (np.clip(np.stack(channels, axis=-1), 0, 1) * 255).astype(np.uint8)
        target = Image.fromarray(array)
        targets.append(target)
        small = target.resize((mid // 2, mid // 2), Image.Resampling.BICUBIC)
        small.save(root / f"{k}-x.png")
        for side, label in ((mid, "mid"), (large, "large")):
            target.resize((side, side), Image.Resampling.BICUBIC).save(root / f"{k}-{label}.png")
            small.resize((side, side), Image.Resampling.BICUBIC).save(
                root / f"{k}-bicubic-{label}.png"
            )
    names = [{"k": k, "name": f"{135069 + k}.jpg"} for k in range(images)]
    (root / "index.json").write_text(json.dumps({"images": names}))
    (root / "manifest.json").write_text(json.dumps(PICTURES))
    for trial in study.records.trials():
        if "/" in trial.name or trial.name != trial.name.strip():
            continue
        last = study._epochs[trial.number]
        for epoch in sorted({1, 2, last // 2, last} - {0}):
            folder = study.folder / "trials" / trial.name / "pictures" / f"epoch-{epoch:04d}"
            folder.mkdir(parents=True, exist_ok=True)
            scores: dict[str, Any] = {}
            for k, target in enumerate(targets):
                scores[str(k)] = {}
                soft = target.filter(ImageFilter.GaussianBlur(0.6 + 4 / epoch))
                for side, label in ((mid, "mid"), (large, "large")):
                    soft.resize((side, side)).save(folder / f"{k}-{label}.webp", quality=80)
                    scores[str(k)][label] = {
                        **{"psnr": 24.0 + epoch / 4, "ssim": 0.7 + epoch / 50},
                        **{"bicubic": 24.5 - k, "bicubic-ssim": 0.71 - k / 50},
                    }
            (folder / "metrics.json").write_text(json.dumps(scores))


_WAVES = ((3, 1.0, 0.2), (5, 0.3, 1.0), (7, 0.7, -0.6))


def _write_files(folder: Path, info: Mapping[str, Any]) -> None:
    """The files beside study.db that a page shows."""
    (folder / "study.yaml").write_text(
        f"study: {info['study']}\n"
        f"description: {info['description']}\n"
        "objective:\n  data: {source: {type: sample}, resize: squash}\n"
        "search:\n  loss.type: {choice: [mse, mae, charbonnier]}\n"
        "  optimizer.learning_rate: {low: 1.0e-4, high: 2.0e-2, log: true}\n"
        f"metric: {info['metrics'][0]}\n"
        f"budget: {{trials: {info['budget']['trials']}, wall_clock: 30m}}\n"
    )
    environment = {
        "python": "3.11.7",
        "packages": {"torch": "2.15.0", "ray": "2.60.0", "optuna": "5.0.0"},
        "git": {"commit": "0123abc", "dirty": False},
        "hardware": {"cpu": "4 cores", "gpu": None},
    }
    (folder / "environment.json").write_text(json.dumps(environment))
