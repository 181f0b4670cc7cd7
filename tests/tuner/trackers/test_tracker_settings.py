"""Trackers in a study file: named, checked before anything starts, and without their packages."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from sr_models.errors import UserError
from tuner.trackers import (
    TRACKERS,
    MlflowConfig,
    NeptuneConfig,
    OwnTrackerConfig,
    TensorboardConfig,
    TrackerConfig,
    TrackerSettings,
    TrackerSync,
    WandbConfig,
)

OWN = "tests.tuner.own_tools:Lines"


def settings(variant: type[TrackerSettings], **more: Any) -> TrackerSettings:
    """A tracker's settings; code of one's own must be named."""
    return variant(**more, **({"code": OWN} if variant is OwnTrackerConfig else {}))


_ADAPTER: TypeAdapter[list[Any]] = TypeAdapter(list[TrackerConfig])


def test_a_name_stands_for_the_defaults() -> None:
    found = _ADAPTER.validate_python(["mlflow", {"type": "wandb", "mode": "offline"}, "neptune"])
    assert found == [MlflowConfig(), WandbConfig(mode="offline"), NeptuneConfig()]


@pytest.mark.parametrize("variant", TRACKERS)
def test_settings_survive_a_dump(variant: type[TrackerSettings]) -> None:
    config = settings(variant, timeout=5)
    assert _ADAPTER.validate_python([config.model_dump(mode="json")]) == [config]


@pytest.mark.parametrize("wrong", ["comet", {"type": "mlflow", "url": "x"}, {"timeout": 3}, 3])
def test_what_is_no_tracker_is_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        _ADAPTER.validate_python([wrong])


@pytest.mark.parametrize(
    "uri",
    [
        "https://me:secret@mlflow.example.org",
        "postgresql://me:secret@db/mlflow",
        "https://x.org/?access_token=abc",
    ],
)
def test_a_study_file_takes_no_passwords(uri: str) -> None:
    with pytest.raises(ValidationError, match="MLFLOW_TRACKING_USERNAME"):
        MlflowConfig(uri=uri)
    assert MlflowConfig(uri="http://127.0.0.1:5000").uri


@pytest.mark.parametrize("variant", [one for one in TRACKERS if one is not OwnTrackerConfig])
def test_a_missing_package_is_told_with_the_command_that_installs_it(
    variant: type[TrackerSettings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import importlib.metadata

    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    variant().check()  # installed here
    with monkeypatch.context() as patch:
        patch.setattr(importlib.metadata, "version", missing)
        with pytest.raises(UserError) as error:
            TrackerSync(tmp_path, [variant()]).check()
        assert f'pip install "{variant.package}>={variant.oldest}"' in str(error.value)
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "0.1.2")
    with pytest.raises(UserError, match=r"is version 0.1.2, older than"):
        variant().check()


def test_code_of_ones_own_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no Line; did you mean Lines"):
        TrackerSync(tmp_path, [OwnTrackerConfig(code="tests.tuner.own_tools:Line")]).check()


def test_other_arguments_are_another_copy() -> None:
    places = {
        OwnTrackerConfig(code=OWN, args=args).destination() for args in ({}, {"folder": "other"})
    }
    assert len(places) == 2


def test_a_tracker_is_named_once(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="tensorboard is named twice"):
        TrackerSync(tmp_path, [TensorboardConfig(), TensorboardConfig(timeout=3)]).check()


def test_no_package_is_imported_for_settings() -> None:
    """Also not the feeds: the driver's memory holds no tracker."""
    script = (
        "import sys; from tuner.trackers import *; TrackerSync('x', []).check();"
        "loaded = {name.split('.')[0] for name in sys.modules};"
        "print(loaded & {'mlflow', 'neptune', 'tensorboard', 'wandb', 'torch', 'ray', 'PIL'})"
    )
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, check=False, cwd=root, capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr


def _token(address: str) -> str:
    found = {"api_address": address, "api_url": address, "api_key": "k"}
    return base64.b64encode(json.dumps(found).encode()).decode()


def test_neptune_needs_a_server_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    NeptuneConfig().check()
    server = NeptuneConfig(mode="server", project="me/mine")
    with pytest.raises(UserError, match="NEPTUNE_API_TOKEN"):
        server.check()
    monkeypatch.setenv("NEPTUNE_API_TOKEN", _token("https://app.neptune.ai"))
    with pytest.raises(UserError, match="closed on 5 March 2026"):
        server.check()
    monkeypatch.setenv("NEPTUNE_API_TOKEN", _token("https://neptune.example.org"))
    server.check()
    assert server.destination() == "https://neptune.example.org/me/mine"
    with pytest.raises(UserError, match="NEPTUNE_PROJECT"):
        NeptuneConfig(mode="server").check()


def test_wandb_sends_only_with_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not WandbConfig().online
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    assert WandbConfig().online
    assert not WandbConfig(mode="offline").online
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert not WandbConfig().online


@pytest.mark.parametrize("project", ["team/photos", "a:b", "50%"])
def test_a_project_that_wandb_refuses_is_told_before_the_study(project: str) -> None:
    with pytest.raises(UserError, match="a team goes into `entity`"):
        WandbConfig(project=project).check()
