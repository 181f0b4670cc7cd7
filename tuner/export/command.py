"""The command line of the export."""

from pathlib import Path
from typing import Annotated

import typer

from sr_models.errors import UserError


def export(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="A results folder.")],
    trial: Annotated[
        str | None,
        typer.Option(
            metavar="TRIAL",
            help="Whose model; by default `best`, the best trial that has kept its model.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="model.safetensors; model.onnx needs pip install onnx onnxscript.",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file of --output.")
    ] = False,
    optuna: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Copy the study to an Optuna storage."),
    ] = None,
    tracker: Annotated[
        str | None,
        typer.Option(metavar="TYPE", help="Send the study to mlflow, tensorboard, wandb, neptune."),
    ] = None,
) -> None:
    """Export a model, or a copy of the study for other tools.

    Example: python -m tuner.export results/step4 --output model.onnx

    An ONNX file takes images of any number and size, and is compared with the model before it is
    written. For optuna-dashboard: --optuna sqlite:///optuna.db.
    """
    from tuner.analysis.load import open_named

    if trial is not None and output is None:
        raise UserError("--trial chooses whose model goes to --output; --output is missing")
    if output is None and optuna is None and tracker is None:
        raise UserError("say what to export: --output FILE, --optuna URL or --tracker TYPE")
    snapshot = open_named(study)
    if output is not None:
        from tuner.export.model import export_model

        typer.echo(export_model(snapshot, trial or "best", output, overwrite=overwrite))
    if optuna is not None:
        from tuner.export.optuna_study import export_to_optuna

        typer.echo(export_to_optuna(snapshot, optuna))
    if tracker is not None:
        from tuner.export.tracker import send

        typer.echo(send(snapshot, tracker))
