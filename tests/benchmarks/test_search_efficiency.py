"""The comparison of searches: its figures, its rivals, and the script itself, in small."""

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def efficiency(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The benchmark's modules, imported as its script does."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import efficiency.chart
    import efficiency.figures
    import efficiency.methods
    import efficiency.rivals

    yield efficiency
    for name in [name for name in sys.modules if name.split(".")[0] == "efficiency"]:
        monkeypatch.delitem(sys.modules, name)


def runs(efficiency: ModuleType, scores: dict[str, list[float]]) -> list[Any]:
    """One run for each method, task and score: 10 after one epoch, the score after 50."""
    return [
        efficiency.methods.Run(method, "A", seed, 1, 0.0, [(1, 10.0), (50, score)])
        for method, values in scores.items()
        for seed, score in enumerate(values)
    ]


def test_regret_and_rank(efficiency: ModuleType) -> None:
    found = runs(efficiency, {"ours": [90.0, 80.0], "x": [90.0, 60.0], "y": [50.0, 70.0]})
    figures = efficiency.figures.Figures.of(found, ["A"], {"A": (40.0, 85.0)}, [49, 50])
    assert figures.regrets["ours"] == {49: [1.6, 1.6], 50: [0.0, 0.2]}
    assert figures.regret("y", 50) == pytest.approx((0.8 + 0.4) / 2)
    assert figures.rank("ours", 50) == pytest.approx((1.5 + 1) / 2)
    assert figures.rank("x", 50) == pytest.approx((1.5 + 3) / 2)
    assert figures.rank("x", 49) == 2
    assert figures.against("y", 50) == (1, 1.0)
    assert figures.against("y", 49) == (0, 1.0), "a tie is no win"


def test_the_chart_names_each_curve_once_and_apart(efficiency: ModuleType, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    chart = efficiency.chart
    curves = {
        name: chart.Curve([50, 100], [0.5, end], [0.01, 0.01])
        for name, end in {"ours": 0.1, "one & only": 0.2, "another": 0.201}.items()
    }
    chart.write_chart(tmp_path / "chart.svg", "Tasks", curves, 50)
    drawn = (tmp_path / "chart.svg").read_text()
    heights = [_height(drawn, name) for name in ("another", "one &amp; only", "ours")]
    assert heights == sorted(heights)
    assert heights[1] - heights[0] > 10, "their ends are less than a line apart"


def _height(drawn: str, text: str) -> float:
    """How far below the top the only text of this wording stands."""
    (found,) = [line for line in drawn.splitlines() if line.strip().endswith(f">{text}</text>")]
    return float(found.split(' y="')[1].split('"')[0])


@pytest.mark.parametrize("method", ["ours", "Ray Tune: OptunaSearch + ASHA"])
def test_a_search_spends_its_epochs_and_is_seeded(
    efficiency: ModuleType, shared_data: Path, method: str
) -> None:
    pytest.importorskip("onnxruntime")
    job = (method, "167152", 3, str(shared_data / "lcbench"), 120)
    one, other = (efficiency.methods.run_one(job) for _ in range(2))
    assert one.trace == other.trace
    assert one.trials == other.trials >= 3
    assert 0 < one.trace[0][0] <= one.trace[-1][0] <= 120
    assert one.best(120) == max(value for _, value in one.trace)


def test_a_seed_is_not_the_same_luck_on_every_task(
    efficiency: ModuleType, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    methods = efficiency.methods
    seeds = []

    def search(task: str, data: str, epochs: int, seed: int) -> Any:
        seeds.append(seed)
        return methods.Watched(driver=None)

    monkeypatch.setitem(methods.METHODS, "mine", search)
    for task in ("3945", "7593"):
        methods.run_one(("mine", task, 0, str(shared_data), 1))
    assert len(set(seeds)) == 2


def test_ray_tells_optuna_stopped_trials_as_complete(
    efficiency: ModuleType, shared_data: Path
) -> None:
    """The rival is the stock behaviour: that is what ours is compared with."""
    pytest.importorskip("onnxruntime")
    import optuna

    methods = efficiency.methods
    base = {"task": "167152", "folder": str(shared_data / "lcbench")}
    driver = efficiency.rivals.RayWithOptuna(methods.SEARCH, methods.METRIC, base, 51, 0)
    methods.simulated(driver, methods.SimulatedClock(), 150)
    told = driver._searcher._ot_study.get_trials(deepcopy=False)
    ended = [trial for trial in told if trial.state.is_finished()]
    assert {trial.state for trial in ended} == {optuna.trial.TrialState.COMPLETE}
    assert any(max(trial.intermediate_values) < 51 for trial in ended)


def test_the_script_writes_tables_and_charts(shared_data: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("matplotlib")
    command = [
        sys.executable, "benchmarks/search_efficiency.py", "--data", str(shared_data / "lcbench"),
        "--tasks", "2", "--seeds", "1", "--processes", "1", "--output", str(tmp_path),
        "--method", "random search", "--method", "ours, every trial in full",
    ]  # fmt: skip
    printed = _printed(command)
    assert "| random search | 22 |" in printed, "20 full trials, and those under way"
    assert printed.index("Held out tasks") < printed.index("Development tasks")
    assert {file.name for file in tmp_path.iterdir()} == {
        "runs.jsonl", "tables.md", "held-out.svg", "development.svg",
    }  # fmt: skip
    assert _without_setting(_printed([*command, "--reuse"])) == _without_setting(printed)


def _printed(command: list[str]) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def _without_setting(report: str) -> str:
    return report.rpartition("simulated workers")[0]
