"""Logs the best model into MLflow: the safetensors file, its signature and the code to load it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuner.trackers.view import TrialView

if TYPE_CHECKING:
    from mlflow import MlflowClient

_LOGGED = "sr_tuner.model"


def log_best_model(
    client: "MlflowClient", store: str, run: str, best: TrialView, path: Path
) -> None:
    """Log `path` as the model of `run`, unless that very model is logged already."""
    assert best.best_epoch is not None
    label = f"{best.record.name} epoch {best.best_epoch.epoch}"
    if client.get_run(run).data.tags.get(_LOGGED) == label:
        return
    _log(store, run, best, path)
    client.set_tag(run, _LOGGED, label)


def _log(store: str, run: str, best: TrialView, path: Path) -> None:
    import mlflow
    import torch

    import sr_models

    assert sr_models.__file__ is not None
    mlflow.set_tracking_uri(store)
    with mlflow.start_run(run_id=run):
        mlflow.pyfunc.log_model(
            name="model",
            python_model=str(Path(__file__).with_name("mlflow_pyfunc.py")),
            artifacts={"model": str(path)},
            code_paths=[str(Path(sr_models.__file__).parent)],
            signature=_signature(path),
            pip_requirements=[f"torch>={_release(torch.__version__)}", *_REQUIREMENTS],
            metadata={"trial": best.record.name},
        )


def _signature(path: Path) -> Any:
    """(N, 3, h, w) RGB in [0, 1] in; a picture twice or four times as large for each output."""
    import numpy as np
    import torch
    from mlflow.models import ModelSignature
    from mlflow.types import Schema, TensorSpec

    from sr_models.model_file import load_model

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
