"""The best model in MLflow: with its signature, loadable elsewhere, logged once."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.forks import Forks
from tests.studies import write_study
from tests.tuner.trackers.conftest import copy_store, serving
from tuner.records import Records
from tuner.trackers import MlflowConfig, export_to_tracker
from tuner.trackers.views.study import StudyView

_LOAD = """
import sys, mlflow, numpy
mlflow.set_tracking_uri(sys.argv[1])
(found,) = mlflow.search_logged_models(output_format="list", experiment_ids=["1"])
model = mlflow.pyfunc.load_model(f"models:/{found.model_id}")
inputs, outputs = model.metadata.signature.inputs, model.metadata.signature.outputs
print(inputs.inputs[0].shape, [spec.name for spec in outputs.inputs], found.tags["trial"])
small = numpy.random.default_rng(0).random((2, 3, 8, 10), dtype="float32")
print({name: picture.shape for name, picture in model.predict(small).items()})
"""


@pytest.mark.usefixtures("forked")
def test_the_best_model_is_logged_with_its_signature(
    tmp_path: Path, forks: Forks, empty_mlflow: Path
) -> None:
    from sr_models.config import TrainConfig
    from sr_models.inference.model_file import save_model
    from sr_models.networks import build_network

    folder = write_study(tmp_path / "step4", trials=5, epochs=2)
    with Records.open(folder) as records:
        best = StudyView.read(records).best
    assert best is not None
    config = TrainConfig.model_validate(
        {
            "data": {"source": {"type": "sample"}},
            "network": {"type": "progressive", "channels": 4, "outputs": ["mid", "large"]},
        }
    )
    path = folder / "trials" / best.record.name / "best.safetensors"
    path.parent.mkdir(parents=True)
    save_model(path, build_network(config.network), config, {})
    copy_store(empty_mlflow, folder)
    export_to_tracker(folder, MlflowConfig())
    export_to_tracker(folder, MlflowConfig())  # the same model: not again

    moved = folder.rename(tmp_path / "moved") / "trackers" / "mlflow"
    assert not [
        file
        for file in moved.rglob("*")
        if file.is_file() and str(tmp_path).encode() in file.read_bytes()
    ]
    with serving(forks, tmp_path / "server", moved / "mlflow.db", moved / "artifacts") as uri:
        # where neither the study nor this project is at hand
        command = [sys.executable, "-W", "ignore", "-c", _LOAD, uri]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        f"(-1, 3, -1, -1) ['mid', 'large'] {best.record.name}",
        "{'mid': (2, 3, 16, 20), 'large': (2, 3, 32, 40)}",
    ], done.stderr
