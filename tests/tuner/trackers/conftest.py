"""The back ends that the contract suite runs against, all real and on this machine."""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from tests.forks import Forked, Forks
from tests.tuner.trackers.copies import (
    Copied,
    read_lines,
    read_mlflow,
    read_neptune,
    read_tensorboard,
    read_wandb,
)
from tuner.trackers import TRACKERS, MlflowConfig
from tuner.trackers.base import TrackerSettings
from tuner.trackers.mlflow.store import make_database
from tuner.trackers.sync.manager import TrackerSync


@dataclass
class Backend:
    name: str
    config: Callable[..., TrackerSettings]
    read: Callable[[Path], Copied]
    prepare: Callable[[Path], object] = lambda _: None
    """Puts into a study's folder what takes long to make, and is the same each time."""


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.startswith(("WANDB_", "NEPTUNE_", "MLFLOW_")):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_feed_is_left() -> Iterator[None]:
    """A test that fails half-way leaves no process behind."""
    yield
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # it ends just now
            if "tuner.trackers.sync.process" in child.cmdline():
                child.kill()
                child.wait(10)


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """Processes of trackers that have their packages already: importing them takes seconds."""
    forks = Forks(
        "tuner.trackers.sync.feed",
        "tuner.trackers.tensorboard.event_file",
        "mlflow.store.tracking.sqlalchemy_store",
        "neptune",
        "wandb",
    )
    yield forks
    forks.close()


@pytest.fixture
def forked(forks: Forks, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Trackers' processes are forked. That they start by themselves too is shown elsewhere."""

    def popen(command: list[str], **options: Any) -> Forked:
        assert command[:2] == [sys.executable, "-m"]
        return Forked(forks, command[2], stderr=options["stderr"], env=options["env"])

    stand_in = SimpleNamespace(
        Popen=popen, PIPE=subprocess.PIPE, TimeoutExpired=subprocess.TimeoutExpired
    )
    monkeypatch.setattr("tuner.trackers.sync.child.subprocess", stand_in)
    yield
    forks.kill_all()


@pytest.fixture(scope="session")
def empty_mlflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's database with nothing in it, which takes it seconds to make."""
    database = tmp_path_factory.mktemp("empty") / "mlflow.db"
    make_database(database)
    return database


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


_NOTHING_BESIDES = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # eight processes for judging prompts
}


def start_mlflow(folder: Path, store: Path, artifacts: Path) -> tuple[subprocess.Popen[bytes], str]:
    """A real MLflow server; the caller ends it."""
    import requests

    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "mlflow", "server", "--workers", "1"),
                *("--host", "127.0.0.1", "--port", str(port)),
                *("--backend-store-uri", f"sqlite:///{store}"),
                *("--artifacts-destination", str(artifacts)),
            ],
            cwd=folder,
            stdout=log,
            stderr=log,
            env=os.environ | _NOTHING_BESIDES,
            start_new_session=True,
        )
    uri = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 200  # it imports much, on a busy machine
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{uri}/health", timeout=5).ok:
                return process, uri
        except requests.RequestException:
            time.sleep(0.1)
    kill_group(process)
    raise AssertionError((folder / "server.log").read_text())


def kill_group(process: subprocess.Popen[bytes]) -> None:
    import signal

    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory: pytest.TempPathFactory, empty_mlflow: Path) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("mlflow")
    shutil.copy(empty_mlflow, folder / "mlflow.db")
    process, uri = start_mlflow(folder, folder / "mlflow.db", folder / "artifacts")
    yield uri
    kill_group(process)


TOOLS = ("neptune", "mlflow", "tensorboard", "wandb", "mlflow-server")


@pytest.fixture(params=TOOLS)
def backend(request: pytest.FixtureRequest) -> Backend:
    """One back end after the other."""
    return make_backend(request)


@pytest.fixture(params=(*TOOLS, "own"))
def any_backend(request: pytest.FixtureRequest) -> Backend:
    """Also one of one's own, which has no faults but its own."""
    return make_backend(request)


def make_backend(request: pytest.FixtureRequest) -> Backend:
    """The back end of a fixture's parameter; a new tracker in the union must be added here."""
    by_type = {variant.model_fields["type"].default: variant for variant in TRACKERS}
    name = request.param
    if name == "mlflow-server":
        uri = request.getfixturevalue("mlflow_server")
        experiment = hashlib.sha1(request.node.nodeid.encode()).hexdigest()
        return Backend(
            name,
            lambda **options: MlflowConfig(uri=uri, experiment=experiment, **options),
            lambda folder: read_mlflow(uri, experiment, folder),
        )
    readers: dict[str, Callable[[Path], Copied]] = {
        "neptune": read_neptune,
        "mlflow": lambda folder: read_mlflow(
            f"sqlite:///{folder}/trackers/mlflow/mlflow.db", "sr-tuner", folder
        ),
        "tensorboard": read_tensorboard,
        "wandb": read_wandb,
        "own": read_lines,
    }
    assert set(by_type) == set(readers)
    code = {"code": "tests.tuner.own_tools:Lines"} if name == "own" else {}
    found = Backend(name, partial(by_type[name], **code), readers[name])
    if name == "mlflow":
        found.prepare = partial(copy_store, request.getfixturevalue("empty_mlflow"))
    return found


def copy_store(database: Path, study: Path) -> None:
    """Give a study an MLflow store with nothing in it."""
    folder = study / "trackers" / "mlflow"
    folder.mkdir(parents=True)
    shutil.copy(database, folder / "mlflow.db")


def wait_for(condition: Callable[[], Any], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def wait_for_news(feeds: TrackerSync, seconds: float = 30.0) -> list[str]:
    news: list[str] = []
    wait_for(lambda: news.extend(feeds.poll()) or news, seconds)
    return news
