"""The back ends that the contract suite runs against, all real and on this machine."""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from tests.forks import Forked, Forks
from tests.tuner.trackers.copies import READERS, Copied, read_mlflow
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


NOTEBOOK = ["IPython"] if find_spec("IPython") else []
"""Neptune and W&B ask whether they run in a notebook; nothing here installs it."""


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """Processes of trackers that have their packages already: importing them takes seconds."""
    forks = Forks(
        "uvicorn",  # first: by it MLflow knows that it is a server
        "tuner.trackers.sync.feed",
        "tuner.trackers.mlflow.runs",
        "tuner.trackers.neptune.runs",
        "tuner.trackers.tensorboard.event_file",
        "tuner.trackers.wandb.runs",
        "alembic.command",
        "sqlalchemy.dialects.sqlite",
        "mlflow.store.tracking.sqlalchemy_workspace_store",
        "neptune",
        *NOTEBOOK,
        "wandb.sdk.launch",
        "sr_models.networks.progressive",
        "tests.tuner.trackers.mlflow_server",
    )
    yield forks
    forks.close()


@pytest.fixture
def forked(forks: Forks, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Trackers' processes are forked. That they start by themselves too is shown elsewhere."""

    started: list[Forked] = []

    def popen(command: list[str], **options: Any) -> Forked:
        assert command[:2] == [sys.executable, "-m"]
        started.append(Forked(forks, command[2], stderr=options["stderr"], env=options["env"]))
        return started[-1]

    stand_in = SimpleNamespace(
        Popen=popen, PIPE=subprocess.PIPE, TimeoutExpired=subprocess.TimeoutExpired
    )
    monkeypatch.setattr("tuner.trackers.sync.child.subprocess", stand_in)
    yield
    for process in started:
        forks.kill(process.pid)


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


@contextmanager
def serving(forks: Forks, folder: Path, store: Path, artifacts: Path) -> Iterator[str]:
    """The address of a real MLflow server."""
    import requests

    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    arguments = [
        *("--workers", "1", "--host", "127.0.0.1", "--port", str(port)),
        *("--backend-store-uri", f"sqlite:///{store}"),
        *("--artifacts-destination", str(artifacts)),
    ]
    path = folder / "server.log"
    with Path(os.devnull).open("rb") as nothing, path.open("wb") as log:
        pid = forks.start(
            "tests.tuner.trackers.mlflow_server",
            *arguments,
            streams=[nothing.fileno(), log.fileno(), log.fileno()],
            environment=os.environ | _NOTHING_BESIDES,
        )
    uri = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 200  # on a busy machine
    try:
        while True:
            with suppress(requests.RequestException):
                if requests.get(f"{uri}/health", timeout=5).ok:
                    break
            assert forks.exit_code(pid) is None, path.read_text()
            assert time.monotonic() < deadline, path.read_text()
            time.sleep(0.1)
        yield uri
    finally:
        forks.kill(pid)


@pytest.fixture(scope="session")
def mlflow_server(
    tmp_path_factory: pytest.TempPathFactory, empty_mlflow: Path, forks: Forks
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("mlflow")
    shutil.copy(empty_mlflow, folder / "mlflow.db")
    with serving(forks, folder, folder / "mlflow.db", folder / "artifacts") as uri:
        yield uri


BY_TYPE = {variant.model_fields["type"].default: variant for variant in TRACKERS}
TOOLS = (*(kind for kind in BY_TYPE if kind != "own"), "mlflow-server")


@pytest.fixture(params=TOOLS)
def backend(request: pytest.FixtureRequest) -> Backend:
    """One back end after the other."""
    return make_backend(request)


@pytest.fixture(params=(*TOOLS, "own"))
def any_backend(request: pytest.FixtureRequest) -> Backend:
    """Also one of one's own, which has no faults but its own."""
    return make_backend(request)


def make_backend(request: pytest.FixtureRequest) -> Backend:
    """The back end of a fixture's parameter."""
    name = request.param
    if name == "mlflow-server":
        uri = request.getfixturevalue("mlflow_server")
        experiment = hashlib.sha1(request.node.nodeid.encode()).hexdigest()
        return Backend(
            name,
            lambda **options: MlflowConfig(uri=uri, experiment=experiment, **options),
            lambda folder: read_mlflow(uri, experiment, folder),
        )
    assert name in READERS, f"add a reader of the copies of {name} to READERS of copies.py"
    code = {"code": "tests.tuner.own_tools:Lines"} if name == "own" else {}
    found = Backend(name, partial(BY_TYPE[name], **code), READERS[name])
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
