"""What a worker does with a job, step by step, in this process."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tuner.core.job import MACHINE_LOST, Job
from tuner.executors.allocation import Allocation
from tuner.executors.ray import trainable
from tuner.executors.ray.assignment import Assignment
from tuner.executors.ray.fence import Fence
from tuner.executors.ray.parcels import packed
from tuner.executors.ray.probe import look_around
from tuner.executors.ray.trainable import (
    NODE_LABEL,
    BrokenWorkerError,
    JobTrainable,
    let_children_end,
)
from tuner.objectives.analytic import Analytic, AnalyticConfig
from tuner.objectives.command.config import CommandConfig
from tuner.objectives.own_files import OwnFile
from tuner.objectives.protocol import Epoch, TrialContext
from tuner.objectives.shipped_files import pack
from tuner.objectives.shipping import Shipment

SHARE = Allocation(workers=2, threads=3, gpus=0)


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """This process is no worker of Ray's, and stays where it is."""
    monkeypatch.setattr(trainable, "_watch_once", lambda: None)
    context = SimpleNamespace(get_node_id=lambda: "node")
    monkeypatch.setattr(trainable, "get_runtime_context", lambda: context)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    (tmp_path / "trials").mkdir()
    (tmp_path / "nonce").write_text("word")


def assignment(folder: Path, config: dict[str, Any] | None = None, **more: Any) -> Assignment:
    made = AnalyticConfig.model_validate({"max_epochs": 2} | (config or {}))
    job = Job(7, "T007", made, folder / "trials" / "T007", 0, "validation/psnr", "maximize")
    fields = {"shared": {}, "nonce": (str(folder / "nonce"), "word")} | more
    return Assignment.of(job, Shipment("analytic"), SHARE, **fields)


def worker(job: Assignment) -> JobTrainable:
    made = JobTrainable.__new__(JobTrainable)
    made.setup(job.to_config())
    return made


def test_it_says_where_it_is_then_trains_then_ends(tmp_path: Path) -> None:
    made = worker(assignment(tmp_path))
    assert made.step() == {"began": "node"}
    first, last = made.step(), made.step()
    assert (first["epoch"].number, last["epoch"].number) == (1, 2)
    assert "outcome" not in first
    assert last["outcome"].error is None
    assert last["done"]
    made.cleanup()


def test_an_end_that_is_not_known_beforehand_comes_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = worker(assignment(tmp_path, nonce=None))
    monkeypatch.setattr(made, "_start", lambda: iter([Epoch(1, {"a": 1.0}, 0.0, 1.0)]))
    assert made.step()["epoch"].number == 1, "on one machine it need not say where it is"
    assert made.step()["outcome"].error is None


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The trial's folder on a machine that the worker reaches through Ray alone."""
    folder = tmp_path / "driver" / "T007"
    folder.mkdir(parents=True)
    monkeypatch.setattr(trainable, "fetch_folder", lambda server, path: packed(folder))
    prepared = tmp_path / "prepared"
    prepared.mkdir()
    (prepared / "index.txt").write_text("of the data")
    monkeypatch.setattr(trainable, "fetch_prepared", lambda server, study: prepared)
    return folder


@pytest.mark.parametrize("change", ["other", "missing"])
def test_where_the_results_are_not_seen_files_go_there_and_back(
    tmp_path: Path, driver: Path, change: str
) -> None:
    nonce = tmp_path / "nonce"
    nonce.write_text("another word") if change == "other" else nonce.unlink()
    made = worker(assignment(tmp_path, server="files"))
    made.step()
    first = made.step()
    assert first["epoch"].number == 1
    first["files"].unpack_once(driver)
    assert not first["files"].files, "nothing is kept"
    assert not (tmp_path / "trials" / "T007").exists()
    made.cleanup()

    job = replace(assignment(tmp_path, server="files"), recorded=1)
    made = worker(job)
    made.step()
    second = made.step()
    assert second["epoch"].number == 2
    second["files"].unpack_once(driver)
    assert second["outcome"].error is None
    made.cleanup()
    lines = (driver / "trained.txt").read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2"], "from its checkpoint"


def test_what_was_prepared_is_there_where_the_results_are_not_seen(
    tmp_path: Path, driver: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nonce").unlink()
    contexts: list[TrialContext] = []

    def run(self: Analytic, config: Any, context: TrialContext) -> Iterator[Epoch]:
        contexts.append(context)
        assert Path(context.shared["data"]["index"]).read_text() == "of the data"
        return iter(())

    monkeypatch.setattr(Analytic, "run", run)
    study = str(tmp_path)
    data = {"index": f"{study}/index.txt", "n": 3, "other": f"{study}s"}
    made = worker(assignment(tmp_path, server="files", shared={"data": data}))
    made.step()
    assert made.step()["outcome"].error is None
    (context,) = contexts
    assert (context.folder.parents[1] / "index.txt").read_text() == "of the data"
    assert context.shared["data"]["n"] == 3
    assert context.shared["data"]["other"] == f"{study}s", "another folder"
    made.cleanup()


@pytest.mark.parametrize("results", ["seen", "not seen"])
def test_code_that_the_machine_lacks_comes_along(
    tmp_path: Path, driver: Path, monkeypatch: pytest.MonkeyPatch, results: str
) -> None:
    project, copies = tmp_path / "project", tmp_path / "copies"
    project.mkdir()
    (project / "train.sh").write_text('cat a.json >> "$TUNER_METRICS"; touch made.txt')
    (project / "a.json").write_text('{"a": 7.5}\n')
    monkeypatch.chdir(project)
    archive = pack([OwnFile(project / "train.sh", (project,))], tmp_path)
    assert archive is not None
    config = CommandConfig(command=("sh", "train.sh"))
    job = Job(7, "T007", config, tmp_path / "trials" / "T007", 0, "a", "minimize")
    shipment, nonce = Shipment("command", files=archive), (str(tmp_path / "nonce"), "word")
    sent = Assignment.of(job, shipment, SHARE, shared={}, nonce=nonce, server="files")
    monkeypatch.chdir(tmp_path)
    project.rename(tmp_path / "elsewhere")
    if results == "not seen":
        (tmp_path / "nonce").unlink()
        fetched = archive.rename(tmp_path / "fetched.zip")
        monkeypatch.setattr(trainable, "fetch_file", lambda server, path: {archive: fetched}[path])
    monkeypatch.setattr(trainable, "own_folder", lambda: copies)
    for _ in range(2):  # the next one finds it there
        made = worker(sent)
        made.step()
        assert made.step()["epoch"].metrics["a"] == 7.5
        made.cleanup()
    assert (copies / "files" / project.relative_to("/") / "made.txt").exists()
    assert not project.exists()


def test_where_files_cannot_be_fetched_the_trial_goes_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(server: str, *_: object, **__: object) -> None:
        raise ValueError("no such actor")

    monkeypatch.setattr("ray.get_actor", gone)  # the real one would start a Ray
    (tmp_path / "nonce").unlink()
    made = worker(assignment(tmp_path, server="files"))
    made.step()
    outcome = made.step()["outcome"]
    assert outcome.blameless
    assert outcome.suspect


def test_an_error_after_the_results_were_lost_is_the_machines(tmp_path: Path) -> None:
    made = worker(assignment(tmp_path, {"fail_at": 2}))
    made.step(), made.step()
    (tmp_path / "nonce").unlink()
    assert made.step()["outcome"].kind == MACHINE_LOST


def test_nothing_is_trained_where_results_would_not_compare(tmp_path: Path) -> None:
    """A job may come to a machine before the driver has looked at it."""
    nonce = (str(tmp_path / "nonce"), "word")
    here = look_around(*nonce, ("numpy",))
    worker_here = worker(assignment(tmp_path, nonce=nonce, here=here))
    worker_here.step()
    assert "epoch" in worker_here.step()
    worker_here.cleanup()
    other = worker(assignment(tmp_path, nonce=nonce, here=here | {"packages": {"numpy": "0.1"}}))
    other.step()
    outcome = other.step()["outcome"]
    assert outcome.blameless
    assert not outcome.suspect, "nobody else need be asked"
    assert "the driver 0.1" in str(outcome.error)


def test_a_full_disk_may_be_the_machines_whatever_tells_of_it(tmp_path: Path) -> None:
    """As by safetensors, whose errors are no OSError."""
    text = "I/O error: No space left on device (os error 28)"
    made = worker(assignment(tmp_path, {"fail_at": 1, "fail_text": text}))
    made.step()
    outcome = made.step()["outcome"]
    assert outcome.disk
    assert outcome.suspect


def test_an_error_of_training_is_the_trials(tmp_path: Path) -> None:
    made = worker(assignment(tmp_path, {"fail_at": 1}))
    made.step()
    outcome = made.step()["outcome"]
    assert outcome.kind == "RuntimeError"
    assert not outcome.suspect


def test_a_folder_that_cannot_be_made_may_be_the_machines(tmp_path: Path) -> None:
    (tmp_path / "trials").rmdir()
    made = worker(assignment(tmp_path))
    made.step()
    assert made.step()["outcome"].suspect


def test_a_broken_gpu_may_be_the_machines_and_ends_the_process(tmp_path: Path) -> None:
    text = "CUDA error: unspecified launch failure"
    made = worker(assignment(tmp_path, {"fail_at": 1, "fail_text": text}))
    made.step()
    with pytest.raises(BrokenWorkerError) as caught:
        made.step()
    assert caught.value.outcome.suspect


class _OutOfMemoryError(RuntimeError):
    """As torch.OutOfMemoryError, which need not be imported for this."""


_OutOfMemoryError.__name__, _OutOfMemoryError.__module__ = "OutOfMemoryError", "torch"


def explained() -> Iterator[Epoch]:
    try:
        raise _OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
    except RuntimeError as error:
        raise RuntimeError("out of GPU memory: lower training.batch_size") from error
    yield


def of_a_library() -> Iterator[Epoch]:
    raise RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED")
    yield


def of_the_host() -> Iterator[Epoch]:
    raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
    yield


@pytest.mark.parametrize(
    ("gpus", "run", "crowded"),
    [
        (0.25, explained, 0.25),
        (0.5, of_a_library, 0.5),
        (1, explained, 0),  # alone on its GPU: its own fault
        (0, explained, 0),
        (0.25, of_the_host, 0),
    ],
)
def test_out_of_memory_on_a_shared_gpu_is_the_others_doing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    gpus: float,
    run: Callable[[], Iterator[Epoch]],
    crowded: float,
) -> None:
    job = assignment(tmp_path, nonce=None)
    made = worker(replace(job, resources={"CPU": 1, "GPU": gpus}))
    monkeypatch.setattr(made, "_start", run)
    outcome = made.step()["outcome"]
    assert outcome.gpu_share == crowded
    assert outcome.crowded == bool(crowded)


@pytest.mark.parametrize(("without", "seen"), [(True, ""), (False, "0")])
def test_a_trial_that_was_given_no_gpu_sees_none(tmp_path: Path, without: bool, seen: str) -> None:
    made = worker(assignment(tmp_path, without_gpus=without))
    made.step(), made.step()
    assert os.environ["CUDA_VISIBLE_DEVICES"] == seen
    made.cleanup()


def test_the_next_job_has_a_fence_of_its_own(tmp_path: Path) -> None:
    fences = tmp_path / "fences"
    made = worker(assignment(tmp_path, fence=Fence.put_up(fences, 7)))
    made.step(), made.step()
    assert made.reset_config(assignment(tmp_path, fence=Fence.put_up(fences, 7)).to_config())
    assert made.step() == {"began": "node"}
    made.cleanup()


def test_it_asks_for_a_node_that_it_may_run_on(tmp_path: Path) -> None:
    job = assignment(tmp_path)
    anywhere = JobTrainable.default_resource_request(job.to_config())
    assert anywhere is not None
    assert anywhere.bundles == [{"CPU": 3.0}]
    some = JobTrainable.default_resource_request(replace(job, avoided=("a", "b")).to_config())
    assert some is not None
    assert some.to_placement_group
    assert some._bound.kwargs["bundle_label_selector"] == [{NODE_LABEL: "!in(a,b)"}]
    assert some != anywhere


def test_what_training_code_forks_ends_when_it_is_told_to() -> None:
    """As a Pool tells its processes, which have inherited the worker's handlers."""
    child = os.fork()
    if child == 0:  # here, for what is registered stays
        signal.signal(signal.SIGTERM, lambda *_: None)
        let_children_end()
        forked = os.fork()
        if forked == 0:
            time.sleep(20)
            os._exit(0)
        os.kill(forked, signal.SIGTERM)  # maybe before it has come to itself
        os._exit(os.WTERMSIG(os.waitpid(forked, 0)[1]))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == signal.SIGTERM
