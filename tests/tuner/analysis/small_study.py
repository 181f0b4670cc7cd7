"""Studies of a few trials with numbers that a person can follow."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tuner.objectives.super_resolution import METRICS
from tuner.records import EpochRecord, EventKind, Records, TrialKind, TrialRecord, TrialState

PSNR = "validation/psnr"
BICUBIC = {
    "validation/psnr": 26.0,
    "validation/psnr_mid": 28.0,
    "validation/psnr_large": 24.0,
    "validation/ssim": 0.8,
}
CONFIG = {
    "loss": {"type": "mse"},
    "optimizer": {"learning_rate": 0.001, "betas": [0.9, 0.999]},
    "network": {"type": "progressive", "channels": 64, "outputs": ["mid", "large"]},
}


class SmallStudy:
    """Writes a study trial by trial; every trial takes its epochs one after the other."""

    def __init__(
        self,
        folder: Path,
        *,
        metrics: Mapping[str, str] | None = None,
        bicubic: Mapping[str, float] = BICUBIC,
        name: str = "step4",
    ) -> None:
        folder.mkdir(parents=True)
        metrics = {PSNR: "maximize"} if metrics is None else metrics
        self.records = Records.create(folder)
        self.numbers = 0
        self.clock = 1000.0
        info = {
            "study": name,
            "description": "small",
            "created": self.clock,
            "workers": 1,
            "data": {"fingerprint": "small"},
            "metrics": list(metrics),
            "directions": list(metrics.values()),
            "metrics_described": [metric.to_info() for metric in METRICS],
            "budget": {"trials": 4, "wall_clock": None},
            "baseline_bicubic": dict(bicubic),
        }
        with self.records.transaction():
            for key, value in info.items():
                self.records.set_info(key, value)
            self.records.add_event(self.clock, EventKind.STARTED)

    def trial(
        self,
        name: str,
        curve: Sequence[Mapping[str, float]] = (),
        state: TrialState = TrialState.COMPLETE,
        *,
        params: Mapping[str, Any] | None = None,
        config: Mapping[str, Any] = CONFIG,
        worker: str = "w0",
        **more: Any,
    ) -> int:
        """Add a trial; `curve` holds the metrics of its epochs, each of 10 s."""
        number, started = self.numbers, self.clock
        self.numbers += 1
        record = TrialRecord(
            number,
            name,
            more.pop("kind", TrialKind.SEARCH),
            state,
            dict(params or {}),
            dict(config),
            created=started,
            started=started,
            ended=started + 10 * len(curve) if state is not TrialState.RUNNING else None,
            **more,
        )
        with self.records.transaction():
            self.records.add_trial(record)
            for epoch, metrics in enumerate(curve, 1):
                start, self.clock = self.clock, self.clock + 10
                row = EpochRecord(number, epoch, dict(metrics), start, self.clock, worker)
                self.records.add_epoch(row)
        return number


def psnr(*values: float) -> list[dict[str, float]]:
    """A curve of PSNR, in dB, with both outputs and a loss."""
    return [
        {
            "validation/loss": round(10 ** (-value / 10), 6),
            PSNR: value,
            "validation/psnr_mid": value + 2,
            "validation/psnr_large": value - 2,
        }
        for value in values
    ]


def example(folder: Path) -> Records:
    """Two baselines, a winner, a stopped, a failed and a running trial."""
    study = SmallStudy(folder)
    study.trial(
        "AS-24", psnr(25.0, 27.0), kind=TrialKind.BASELINE, reported={PSNR: 4.02061},
        params={"loss.type": "mse", "optimizer.learning_rate": 0.001},
    )  # fmt: skip
    study.trial("AS-26", psnr(24.0, 23.0), kind=TrialKind.BASELINE, reported={PSNR: 2.27849},
                params={"loss.type": "mae", "optimizer.learning_rate": 0.02,
                        "optimizer.betas": [0.9, 0.95]})  # fmt: skip
    study.trial("T002", psnr(26.0, 28.5, 28.0),
                params={"loss.type": "mae", "optimizer.learning_rate": 0.002})  # fmt: skip
    study.trial("T003", psnr(26.5), TrialState.STOPPED, reason="scheduler",
                params={"loss.type": "mse", "optimizer.learning_rate": 0.0005})  # fmt: skip
    study.trial("T004", psnr(29.0), TrialState.FAILED, error="NonFiniteError: loss is nan",
                params={"loss.type": "mae", "optimizer.learning_rate": 0.1})  # fmt: skip
    study.trial("T005", [], TrialState.RUNNING,
                params={"loss.type": "mae", "optimizer.learning_rate": 0.003})  # fmt: skip
    return study.records
