"""Train the light network for both scales on the 291 images of LapSRN, score Set5 and Set14.

The 291 are the 91 of Yang et al. and the train folder of BSDS500, whose names are in
bsds500_train.txt. Ten images of BSDS500's test folder say which epoch was the best; Set5 and Set14
are looked at once, at the end. LapSRN (Lai et al. 2017, 0.8 million weights) reached 37.52 dB at x2
and 31.54 dB at x4 on Set5 with the same photographs.

    python benchmarks/light_network.py --t91 T91 --bsds BSDS500 --test SET5 --test SET14
"""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from sr_models.atomic import write_atomically
from sr_models.cli import run_command

TRAIN_LIST = Path(__file__).with_name("bsds500_train.txt")
VALIDATED = 10


def benchmark(
    t91: Annotated[Path, typer.Option(help="The 91 images.")],
    bsds: Annotated[Path, typer.Option(help="Train and test folder of BSDS500, in one.")],
    test: Annotated[list[Path], typer.Option(help="Set5, Set14.")],
    output: Annotated[Path, typer.Option(help="Where the model goes.")] = Path("light-291"),
    epochs: Annotated[int, typer.Option(min=1, help="Of 250 steps.")] = 72,
    channels: Annotated[int, typer.Option(min=1, help="Feature maps.")] = 32,
    depth: Annotated[int, typer.Option(min=1, help="Blocks.")] = 5,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 2,
) -> None:
    """Train and score. Example: python benchmarks/light_network.py --t91 T --bsds B --test S ."""
    from sr_models import TrainConfig, TrainingRun
    from sr_models.networks import build_network, count_parameters

    train, validation = gather(t91, bsds, output / "images")
    config = TrainConfig.model_validate(settings(train, validation, epochs, channels, depth))
    weights = count_parameters(build_network(config.network))
    typer.echo(f"{weights:,} weights")
    kept = output / "epochs.json"
    rows = json.loads(kept.read_text()) if kept.is_file() else []  # begun, and run again
    for epoch in TrainingRun(config, folder=output / "model", threads=threads).epochs():
        shown = (
            f"{name.removeprefix('validation/')} {epoch.metrics[name]:.3f}"
            for name in ("validation/psnr_y_mid", "validation/psnr_y_large", "validation/gain")
        )
        rows = [*rows[: epoch.number - 1], {"epoch": epoch.number, **epoch.metrics}]
        write_atomically(kept, json.dumps(rows, indent=1).encode())
        typer.echo(f"epoch {epoch.number}: {', '.join(shown)}")
    table = score(output / "model" / "best.safetensors", test, weights)
    minutes = sum(row["seconds"] for row in rows) / 60
    table += f"\nTrained for {minutes:.1f} minutes, {epochs * 250:,} steps of 16 patches.\n"
    (output / "table.md").write_text(table)
    typer.echo(table)


def gather(t91: Path, bsds: Path, folder: Path) -> tuple[Path, Path]:
    """Link the 291 images into one folder, and those that validate into another."""
    listed = {f"{name}.jpg" for name in TRAIN_LIST.read_text().split()}
    tests = sorted(path for path in bsds.iterdir() if path.name not in listed)
    chosen = tests[:: len(tests) // VALIDATED][:VALIDATED]
    train = [*sorted(t91.iterdir()), *(bsds / name for name in sorted(listed))]
    for name, files in (("train", train), ("validation", chosen)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for file in files:
            link = folder / name / f"{file.parent.name}-{file.name}"
            if not link.is_symlink():
                link.symlink_to(os.path.relpath(file.resolve(), link.parent.resolve()))
    return folder / "train", folder / "validation"


def settings(
    train: Path, validation: Path, epochs: int, channels: int, depth: int
) -> dict[str, Any]:
    """What is trained, and how."""
    return {
        "data": {
            "train": {"type": "folder", "path": str(train)},
            "validation": {"type": "folder", "path": str(validation)},
            "size": 24,
            "resample": "antialiased",
            "patches": {"steps": 250, "per_image": 2, "x2_share": 0.5},
        },
        "network": {"type": "light", "channels": channels, "depth": depth, "skip": "bicubic"},
        "loss": {"type": "mae"},
        "optimizer": {"type": "adam", "learning_rate": 2e-3, "betas": [0.9, 0.99]},
        "lr_schedule": {"type": "cosine", "warmup_epochs": 0.5, "final": 0.01},
        "training": {
            "batch_size": 16,
            "max_epochs": epochs,
            "patience": None,
            "ema": 0.995,
            "gradient_clip": 1.0,
        },
    }


def score(model: Path, folders: list[Path], weights: int) -> str:
    """The table of PSNR on Y, x2 / x4, for Markdown."""
    from sr_models.inference.evaluation import score_folders

    found: dict[str, list[tuple[str, str]]] = {}
    for one in score_folders(str(model), folders, "auto"):
        scores = (f"{one.model.psnr:.2f}", f"{one.bicubic.psnr:.2f}")
        found.setdefault(Path(one.data).name, []).append(scores)
    rows = [
        ["PSNR of Y, dB, x2 / x4", "weights", *found],
        ["---"] * (2 + len(found)),
        ["bicubic", "", *(" / ".join(bicubic for _, bicubic in each) for each in found.values())],
        [
            "light, both scales",
            f"{weights:,}",
            *(" / ".join(ours for ours, _ in each) for each in found.values()),
        ],
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


if __name__ == "__main__":
    run_command(benchmark)
