"""`tuner.search` from scripts, on Ray: nothing is imported twice, and nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

import pytest

from tests.in_process import run_here
from tests.tuner.processes import ROOT, epochs_of
from tests.tuner.simulated import history

SCRIPT = """
    import tuner
    from beside import START

    print("imported", __name__)

    class Place:
        def __init__(self, x):
            self.x = x

    def train(params, trial):
        place = trial.load() or Place(START)
        for epoch in range(trial.epoch + 1, 8):
            place.x -= params["rate"] * 2 * place.x
            trial.save(place)
            yield {"cruelty": place.x ** 2}

    def find(name):
        gain = 1.0

        def local(params, trial):
            for metrics in train({"rate": gain * params["rate"]}, trial):
                yield metrics

        space = {"rate": tuner.Float(0.01, 0.4)}
        metric = tuner.Metric("cruelty", "minimize")
        return tuner.search(
            train if name == "train" else local, space, metric, trials=8, workers=1,
            gpus_per_trial=0, name=name, quiet=True, sampler="random",
        )

    for name in ("train", "local"):
        study = find(name)
        print(name, len(study.trials), {trial.state for trial in study.trials})
"""
SLOW = """
    import time
    import tuner

    def train(params, trial):
        place, seen = trial.load() or (10.0, [])
        for epoch in range(trial.epoch + 1, 7):
            (trial.folder / "trained.txt").open("a").write(f"{epoch}\\n")
            time.sleep(0.3)
            place -= params["rate"] * 2 * place
            seen.append(place)
            trial.save((place, seen))
            yield {"cruelty": place ** 2 + sum(seen)}

    if __name__ == "__main__":
        tuner.search(
            train, {"rate": tuner.Float(0.01, 0.4)}, tuner.Metric("cruelty", "minimize"),
            trials=4, workers=2, gpus_per_trial=0, name="slow", resume=True,
            scheduler="none", sampler="random",
        )
"""


def start(folder: Path, script: str) -> subprocess.Popen[str]:
    (folder / "script.py").write_text(dedent(script))
    return subprocess.Popen(
        [sys.executable, "script.py"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def test_a_script_without_a_guard_searches_twice(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("START = 10.0\n")
    process = start(tmp_path, SCRIPT)
    said, _ = process.communicate(timeout=250)
    assert process.returncode == 0, said
    lines = said.splitlines()
    assert lines[0] == "imported __main__"
    assert len(lines) == 3, "the workers do not run the script"
    for line, name in zip(lines[1:], ("train", "local"), strict=True):
        assert line.startswith(f"{name} 8 ")
        assert "'complete'" in line
        assert "'stopped'" in line


@pytest.mark.timeout(600)
def test_killed_in_mid_epoch_it_resumes_to_the_same_numbers(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.mkdir()
    cut.mkdir()
    process = start(cut, SLOW)
    study = cut / "results" / "slow"
    end = time.monotonic() + 200
    while epochs_of(study) < 5:
        assert time.monotonic() < end, process.communicate(timeout=5)
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    time.sleep(0.1)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert epochs_of(study) < 16

    # To its end without Ray, whose start takes seconds, and the same search without a kill.
    request.getfixturevalue("engine")
    (whole / "script.py").write_text(dedent(SLOW))
    for folder in (cut, whole):
        done = run_here("python script.py", folder)
        assert done.code == 0, done.stderr
    assert values(study) == values(whole / "results" / "slow")
    trained = [
        f"{file.parent.name} {line}"
        for file in study.glob("trials/*/trained.txt")
        for line in file.read_text().splitlines()
    ]
    assert len(set(trained)) == 24
    assert len(trained) <= 26, "but for those under way, none was trained twice"


def values(folder: Path) -> dict[tuple[str, int], dict[str, float]]:
    """The metrics of each epoch of each trial."""
    trials, epochs = history(folder)
    return {(trials[number][0], epoch): metrics for (number, epoch), metrics in epochs.items()}
