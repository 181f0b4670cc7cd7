"""A tracker in trouble: the study goes on undisturbed, and a person is told once what to do."""

import os
import resource
import signal
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sr_models.errors import UserError
from tests.studies import FakeStudy, write_study
from tests.tuner.trackers.conftest import (
    Backend,
    free_port,
    wait_for,
    wait_for_news,
)
from tests.tuner.trackers.copies import read_mlflow, read_tensorboard
from tests.tuner.trackers.test_tracker_contract import assert_whole
from tuner.trackers import (
    MlflowConfig,
    TensorboardConfig,
    TrackerSync,
    WandbConfig,
    export_to_tracker,
)
from tuner.trackers.base import TrackerSettings
from tuner.trackers.neptune.config import NeptuneConfig
from tuner.trackers.sync import disk

pytestmark = pytest.mark.usefixtures("forked")


@pytest.fixture
def study(tmp_path: Path) -> FakeStudy:
    return FakeStudy(tmp_path / "step4")


def assert_undisturbed(study: FakeStudy, feeds: TrackerSync) -> list[str]:
    """Trials report while a tracker is in trouble; neither they nor the driver ever wait for it.

    If they did, they would wait for ever: it has died, hangs, or refuses all.
    """
    news: list[str] = []
    number = study.start()
    for _ in range(5):
        study.report(number)
        news += feeds.poll()
    study.end(number)
    assert len(study.records.epochs(number)) == 5
    return news


def assert_told_once(news: list[str], config: TrackerSettings, feeds: TrackerSync) -> None:
    assert len(news) == 1, news
    assert news[0].startswith(f"tracker {config.type} ")
    assert f"--tracker {config.type}" in news[0]
    assert len(news[0].splitlines()) == 1
    assert feeds.poll() == []
    assert feeds.finish(1) == []


def test_one_that_refuses(study: FakeStudy, backend: Backend) -> None:
    config = backend.config()
    if isinstance(config, MlflowConfig) and config.uri:
        config = config.model_copy(update={"uri": f"http://127.0.0.1:{free_port()}"})
    else:  # its place is taken by something else
        (study.folder / "trackers").mkdir()
        (study.folder / "trackers" / config.type).write_text("")
    with _environment(MLFLOW_HTTP_REQUEST_MAX_RETRIES="1"):
        feeds = TrackerSync(study.folder, [config])
        feeds.start()
    news = assert_undisturbed(study, feeds) or wait_for_news(feeds)
    assert "failed: " in news[0]
    assert_told_once(news, config, feeds)


@pytest.mark.parametrize("kind", ["neptune", "wandb"])
def test_a_server_that_cannot_be_reached(study: FakeStudy, kind: str) -> None:
    """The real clients, sending to an address where nobody listens."""
    import base64
    import json

    address = f"http://127.0.0.1:{free_port()}"
    token = base64.b64encode(json.dumps({"api_address": address, "api_url": address}).encode())
    config: TrackerSettings = (
        NeptuneConfig(mode="server", project="me/mine", timeout=4)
        if kind == "neptune"
        else WandbConfig(timeout=4)
    )
    secret = {"NEPTUNE_API_TOKEN": token.decode(), "WANDB_API_KEY": "0123456789abcdef" * 3}
    with _environment(**secret, WANDB_BASE_URL=address):
        config.check()
        feeds = TrackerSync(study.folder, [config])
        feeds.start()
        news = assert_undisturbed(study, feeds) or wait_for_news(feeds)
    assert not any(value in news[0] for value in secret.values())
    assert_told_once(news, config, feeds)


def test_one_that_cannot_even_be_started(study: FakeStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    feeds = TrackerSync(study.folder, [TensorboardConfig()])
    with monkeypatch.context() as patch:
        patch.setattr("tuner.trackers.sync.child.subprocess.Popen", refuse)
        feeds.start()
    news = assert_undisturbed(study, feeds)
    assert "could not be started: [Errno 11]" in news[0]
    assert_told_once(news, TensorboardConfig(), feeds)


def test_one_that_hangs_is_cut_off(study: FakeStudy, backend: Backend) -> None:
    config = backend.config(timeout=1.5)
    with _silent_server() as port:
        if isinstance(config, MlflowConfig) and config.uri:
            config = config.model_copy(update={"uri": f"http://127.0.0.1:{port}"})
        feeds = TrackerSync(study.folder, [config])
        feeds.start()
        pid = feeds._supervisors[0].pid
        assert pid is not None
        if config.model_dump().get("uri") is None:
            os.kill(pid, signal.SIGSTOP)  # as a process does that waits for a lost disk
        news = assert_undisturbed(study, feeds) or wait_for_news(feeds)
    assert "was cut off after" in news[0]
    assert_told_once(news, config, feeds)
    with pytest.raises(ProcessLookupError):
        os.killpg(pid, 0)


def test_one_that_is_slow_at_the_end_is_waited_for_only_so_long(study: FakeStudy) -> None:
    config = TensorboardConfig()
    feeds = TrackerSync(study.folder, [config])
    feeds.start()
    os.kill(feeds._supervisors[0].pid, signal.SIGSTOP)
    news = feeds.finish(0.5)
    assert "after the end of the study" in news[0]
    assert_told_once(news, config, feeds)


def test_one_that_dies_in_mid_study(study: FakeStudy, backend: Backend) -> None:
    """And what was not sent is sent by an export."""
    if backend.name == "mlflow-server":
        pytest.skip("the server's death is a test of its own")
    config = backend.config()
    backend.prepare(study.folder)
    feeds = TrackerSync(study.folder, [config])
    feeds.start()
    wait_for(lambda: not feeds.poll() and (study.folder / f"trackers/{config.type}.json").exists())
    os.kill(feeds._supervisors[0].pid, signal.SIGKILL)
    news = assert_undisturbed(study, feeds) or wait_for_news(feeds)
    assert "died with exit code" in news[0]
    assert_told_once(news, config, feeds)
    study.close()
    export_to_tracker(study.folder, config)
    assert_whole(backend.read(study.folder), study.folder)


def test_a_server_that_dies_and_comes_back(study: FakeStudy, mlflow_server: str) -> None:
    number = study.start()
    study.report(number)
    with _proxy(mlflow_server) as (uri, die):
        config = MlflowConfig(uri=uri, experiment="dies")
        feeds = TrackerSync(study.folder, [config])
        with _environment(MLFLOW_HTTP_REQUEST_MAX_RETRIES="1"):
            feeds.start()
        cursor = study.folder / "trackers/mlflow.json"
        wait_for(lambda: not feeds.poll() and cursor.exists())
        die()
        news = assert_undisturbed(study, feeds) or wait_for_news(feeds)
    assert_told_once(news, config, feeds)
    study.end(number)
    study.close()
    export_to_tracker(study.folder, MlflowConfig(uri=mlflow_server, experiment="dies"))
    assert_whole(read_mlflow(mlflow_server, "dies", study.folder), study.folder)


def test_wandb_without_its_service_process(study: FakeStudy) -> None:
    import psutil

    number = study.start()
    study.report(number)
    config = WandbConfig(timeout=3)
    feeds = TrackerSync(study.folder, [config])
    feeds.start()
    parent = psutil.Process(feeds._supervisors[0].pid)
    wait_for(lambda: not feeds.poll() and (study.folder / "trackers/wandb.json").exists())
    for child in parent.children(recursive=True):
        child.kill()
    news = assert_undisturbed(study, feeds) or wait_for_news(feeds)
    assert_told_once(news, config, feeds)


def test_no_room_on_its_disk(tmp_path: Path, backend: Backend) -> None:
    if backend.name == "mlflow-server":
        pytest.skip("writes nothing here")
    folder = write_study(tmp_path / "step4", trials=4, epochs=3, pictures=1)
    before = (folder / "study.db").read_bytes()
    trackers = folder / "trackers"
    trackers.mkdir()
    with _no_room(trackers), pytest.raises(UserError, match=f"tracker {backend.config().type} "):
        export_to_tracker(folder, backend.config(timeout=10))
    assert (folder / "study.db").read_bytes() == before
    backend.prepare(folder)
    export_to_tracker(folder, backend.config())
    assert_whole(backend.read(folder), folder)


def test_the_last_space_is_left_to_the_study(tmp_path: Path) -> None:
    disk.require_space(tmp_path, reserve=1)
    with pytest.raises(disk.DiskNearlyFullError, match="kept for the study itself"):
        disk.require_space(tmp_path, reserve=2**60)


def test_a_feed_does_not_outlive_its_driver_and_hands_over(tmp_path: Path) -> None:
    """The driver is killed; what is resumed at once waits for the old feed to let go."""
    study = FakeStudy(tmp_path / "step4")
    number = study.start()
    script = (
        "import sys, time; from pathlib import Path\n"
        "from tuner.trackers import TensorboardConfig, TrackerSync\n"
        "feeds = TrackerSync(Path(sys.argv[1]), [TensorboardConfig()]); feeds.start()\n"
        "print(feeds._supervisors[0].pid, flush=True); time.sleep(60)"
    )
    driver = subprocess.Popen(
        [sys.executable, "-c", script, str(study.folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert driver.stdout is not None
    feed = int(driver.stdout.readline())
    wait_for((study.folder / "trackers/tensorboard.json").exists)
    driver.kill()
    driver.wait()
    study.report(number)
    study.end(number)
    study.close()
    feeds = TrackerSync(study.folder, [TensorboardConfig()])
    feeds.start()
    assert len(feeds.finish(60)) == 1
    assert_whole(read_tensorboard(study.folder), study.folder)
    wait_for(lambda: not _alive(feed), 30)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@contextmanager
def _silent_server() -> Iterator[int]:
    """A server that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


@contextmanager
def _proxy(server: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """Another address for a server, and a function that makes it die, connections and all."""
    open_ones: list[socket.socket] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            host, port = server.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port))) as target, suppress(OSError):
                open_ones.extend([self.request, target])
                back = threading.Thread(target=_copy, args=(target, self.request), daemon=True)
                back.start()
                _copy(self.request, target)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as proxy:
        proxy.daemon_threads = True
        threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True).start()

        def die() -> None:
            proxy.shutdown()
            proxy.server_close()
            for connection in open_ones:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

        yield f"http://127.0.0.1:{proxy.server_address[1]}", die


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        yield


@contextmanager
def _no_room(folder: Path) -> Iterator[None]:
    """A far too small file system for `folder`; without the rights for that, no large files."""
    made = ["mount", "-t", "tmpfs", "-o", "size=60k", "tmpfs", str(folder)]
    if subprocess.run(made, check=False, capture_output=True).returncode:
        with _file_size(4096):
            yield
        return
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def _file_size(limit: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
