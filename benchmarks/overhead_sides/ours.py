"""A study of this project: `python -m tuner.run` of its toy objective."""

import sys
from contextlib import suppress

from training import EPOCHS, Load


def main(load: Load) -> None:
    """Run it all."""
    import yaml

    from tuner.cli import run_command
    from tuner.run import run

    study = {
        "study": "overhead",
        "objective": {
            "type": "analytic",
            "max_epochs": load.epochs,
            "seconds_per_epoch": load.seconds,
        },
        "search": {"x": {"low": 0.0, "high": 1.0}, "y": {"low": 0.0, "high": 1.0}},
        "metric": "validation/psnr",
        "scheduler": {"type": "none"},
        "budget": {"trials": load.trials},
        "workers": load.workers,
    }
    file = load.folder / "overhead.yaml"
    file.write_text(yaml.safe_dump(study))
    with suppress(SystemExit):
        run_command(run, [str(file), "--results", str(load.folder)])
    _tell(load)


def _tell(load: Load) -> None:
    from tuner.records import Records

    with Records.open(load.folder / "overhead") as records:
        lines = [f"{epoch.started} {epoch.ended}\n" for epoch in records.epochs()]
    (load.folder / EPOCHS).write_text("".join(lines))


if __name__ == "__main__":
    main(Load.of(sys.argv[1:]))
