"""Logging the best model into MLflow: the safetensors file, its signature and code to load it."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tuner.trackers.views.trial import TrialView

if TYPE_CHECKING:
    from mlflow import MlflowClient

_CODE = "pyfunc.py"
_LOGGED = "sr_tuner.model"


def log_best_model(client: "MlflowClient", run: str, best: TrialView, path: Path) -> None:
    """Log `path` as the model of `run`, unless it is logged already."""
    epoch, _ = best.numbers_from
    label = f"{best.record.name} epoch {epoch}"
    if client.get_run(run).data.tags.get(_LOGGED) == label:
        return
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "model"
        _save(folder, path)
        _log(client, run, folder, {"trial": best.record.name, "epoch": str(epoch)})
    client.set_tag(run, _LOGGED, label)


def _save(folder: Path, path: Path) -> None:
    import mlflow
    import torch

    import sr_models

    assert sr_models.__file__ is not None
    mlflow.pyfunc.save_model(
        folder,
        python_model=str(Path(__file__).with_name(_CODE)),
        artifacts={"model": str(path)},
        code_paths=[str(Path(sr_models.__file__).parent)],
        signature=_signature(path),
        pip_requirements=[f"torch>={_release(torch.__version__)}", *_REQUIREMENTS],
    )


def _log(client: "MlflowClient", run: str, folder: Path, tags: dict[str, str]) -> None:
    """Log a saved model without the paths of this machine that MLflow wrote into it."""
    from mlflow.entities import LoggedModelOutput, LoggedModelStatus
    from mlflow.models import Model

    experiment = client.get_run(run).info.experiment_id
    logged = client.create_logged_model(experiment, name="model", source_run_id=run, tags=tags)
    model = Model.load(folder)
    loader = model.flavors["python_function"]
    loader["model_code_path"] = _CODE
    for artifact in loader["artifacts"].values():
        artifact["uri"] = artifact["path"]
    model.run_id, model.model_id = run, logged.model_id
    model.artifact_path = logged.artifact_location
    model.save(folder / "MLmodel")
    client.log_model_artifacts(logged.model_id, str(folder))
    client.finalize_logged_model(logged.model_id, LoggedModelStatus.READY)
    client.log_outputs(run, [LoggedModelOutput(logged.model_id, step=0)])


def _signature(path: Path) -> Any:
    """Input (N, 3, h, w), RGB in [0, 1]; for each output an image two or four times as large."""
    import numpy as np
    import torch
    from mlflow.models import ModelSignature
    from mlflow.types import Schema, TensorSpec

    from sr_models.inference.model_file import load_model

    network, _ = load_model(path)
    with torch.no_grad():
        outputs = network.eval()(torch.zeros(1, 3, 16, 16))
    shape, kind = (-1, 3, -1, -1), np.dtype("float32")
    return ModelSignature(
        inputs=Schema([TensorSpec(kind, shape)]),
        outputs=Schema([TensorSpec(kind, shape, name) for name in outputs]),
    )


def _release(version: str) -> str:
    return ".".join(version.split("+", maxsplit=1)[0].split(".")[:2])


_REQUIREMENTS = ["torchvision", "numpy", "pydantic>=2.9,<3", "safetensors>=0.4.5", "pillow"]
