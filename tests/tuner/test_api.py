"""`tuner.search` and the study that it returns."""

import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tuner
from tests.tuner.simulated import SimulatedEngine, history
from tuner.config.plain import plain
from tuner.lifecycle.notebook import NotebookReporter, reporter_here
from tuner.records import EventKind, Records
from tuner.samplers import Random
from tuner.schedulers import AshaConfig

SPACE = {"rate": tuner.Float(0.01, 0.4), "kind": tuner.Choice(["a", "b"])}
CRUELTY = tuner.Metric("cruelty", "minimize")
Params = dict[str, Any]


def descend(params: Params, trial: tuner.Trial) -> Iterator[dict[str, float]]:
    """Gradient descent on a square, whose best rate is 0.4."""
    place = trial.load() or 10.0
    for _ in range(trial.epoch + 1, 10):
        place -= params["rate"] * 2 * place
        trial.save(place)
        yield {"cruelty": place**2}


class Config(tuner.Config):
    """What the class below is set to."""

    rate: float = 0.1
    kind: str = "a"
    max_epochs: int = 5
    seed: int = 0


class Descent(tuner.Objective):
    """The same as a class."""

    config_type = Config
    metrics = (CRUELTY, tuner.Metric("parameters", "minimize", static=True))

    def train(self, config: Config, trial: tuner.Trial) -> Iterator[dict[str, float]]:
        yield from descend({"rate": config.rate}, trial)

    def prepare(self, config: Config, folder: Path, progress: Any) -> dict[str, Any]:
        progress("looking", 1, 1)
        return {"fingerprint": "abc", "looked": True}

    def static_metrics(self, config: Config) -> dict[str, float]:
        return {"parameters": 10 if config.kind == "a" else 20}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_function_is_searched(engine: SimulatedEngine) -> None:
    study = tuner.search(descend, SPACE, CRUELTY, trials=8)
    assert study.folder == Path("results/descend")
    assert study.status == "ended"
    assert len(study.trials) == 8
    values = [trial.value for trial in study.trials if trial.value is not None]
    assert study.best.value == min(values) == values[0], "less is better, whatever it is called"
    assert study.best.params.keys() == SPACE.keys()
    assert study.best.metrics["cruelty"] == study.best.value
    assert study.best.folder.is_dir()
    assert {trial.state for trial in study.trials} == {"complete", "stopped"}
    assert (study.folder / "report.html").is_file()


def test_a_metric_without_a_direction_has_its_value_at_the_best_epoch(
    engine: SimulatedEngine,
) -> None:
    def train(params: Params, trial: tuner.Trial) -> Iterator[dict[str, float]]:
        for epoch, cruelty in enumerate((5.0, 1.0, 3.0), start=1):
            yield {"cruelty": cruelty, "pace": epoch * 10.0}

    found = tuner.search(train, SPACE, CRUELTY, trials=1, quiet=True).best.metrics
    assert (found["cruelty"], found["pace"]) == (1.0, 20.0)


class TestStudy:
    @pytest.fixture
    def study(self, engine: SimulatedEngine) -> tuner.Study:
        return tuner.search(descend, SPACE, CRUELTY, trials=4, quiet=True)

    def test_is_a_table(self, study: tuner.Study) -> None:
        frame = study.to_frame()
        assert list(frame["trial"]) == [trial.name for trial in study.trials]

    def test_is_a_page(self, study: tuner.Study, tmp_path: Path) -> None:
        page = study.report(tmp_path / "page.html")
        assert "cruelty" in page.read_text()
        (study.folder / "report.html").unlink()
        assert study.report().is_file()

    def test_is_shown_by_a_notebook(self, study: tuner.Study) -> None:
        html = study._repr_html_()
        assert "<b>descend: ended, 4 trials; best" in html
        assert html.count("<tr") == 5
        assert re.findall("<th>(.*?)</th>", html) == [
            "trial", "state", "rate", "kind", "cruelty", "epochs"
        ]  # fmt: skip
        assert repr(study).startswith("<Study descend: ended, 4 trials; best ")

    def test_is_shown_as_it_is_whatever_its_params_are(self, engine: SimulatedEngine) -> None:
        """Called like the table's own columns; nothing chosen, and nothing there."""

        def train(params: Params, trial: tuner.Trial) -> dict[str, float]:
            return {"cruelty": params.get("state") or 3.14159265}

        study = tuner.search(
            train,
            {"epochs": tuner.Choice([None, 7]), "state": tuner.Choice([2], when={"epochs": 7})},
            tuner.Metric("cruelty", "minimize", decimals=2),
            trials=2, sampler="grid", quiet=True,
        )  # fmt: skip
        cells = re.findall("<t[dh]>(.*?)</t[dh]>", study._repr_html_())
        assert cells[:6] == ["trial", "state", "epochs", "state", "cruelty", "epochs"]
        assert cells[6:] == [
            "T001", "complete", "7", "2", "2.00", "1",
            "T000", "complete", "null", "", "3.14", "1",
        ]  # fmt: skip

    def test_is_loaded_from_its_folder(self, study: tuner.Study) -> None:
        loaded = tuner.load_study(study.folder)
        assert loaded.best == study.best
        with pytest.raises(
            tuner.UserError, match=r"results is not a study.*; it holds the studies results/descend"
        ):
            tuner.load_study("results")

    def test_gives_the_state_that_a_trial_saved_last(self, study: tuner.Study) -> None:
        assert study.best.load() ** 2 == study.best.value, "its last epoch is its best"
        pending = study.best.folder / "checkpoint.pending"
        pending.write_bytes(b"of a trial that still runs")
        assert study.best.load() ** 2 == study.best.value
        assert pending.is_file()
        (saved,) = study.best.folder.glob("checkpoint-??????")
        saved.unlink()
        assert study.best.load() is None

    def test_is_extended(self, study: tuner.Study) -> None:
        before = {trial.name: trial.value for trial in study.trials if trial.state == "complete"}
        assert len(study.resume(extend=3).trials) == 7
        after = {trial.name: trial.value for trial in study.trials}
        assert before.items() <= after.items()
        assert len(tuner.load_study(study.folder).resume(extend=1).trials) == 8


def test_a_class_is_searched_and_confirmed(engine: SimulatedEngine) -> None:
    study = tuner.search(
        Descent,
        SPACE,
        trials=6,
        params={"max_epochs": 4},
        constraints={"parameters": {"max": 15}},
        baselines={"plain": {"rate": 0.2}},
        quiet=True,
    )
    assert study.trials[-1].params["kind"] == "a", "the constraint is kept"
    plain = next(trial for trial in study.trials if trial.name == "plain")
    assert (plain.epochs, plain.metrics["parameters"]) == (4, 10)
    study.confirm(top=1, seeds=3)
    repeats = [trial for trial in study.trials if "-seed" in trial.name]
    assert len(repeats) == 2
    assert all(trial.value == study.best.value for trial in repeats)


def test_a_null_that_was_chosen_is_in_the_params(engine: SimulatedEngine) -> None:
    space = {"clip": tuner.Choice([None, 1.0]), "norm": tuner.Choice([2], when={"clip": 1.0})}

    def train(params: Params, trial: tuner.Trial) -> dict[str, float]:
        return {"cruelty": 0.0 if params["clip"] is None else 1.0}

    study = tuner.search(train, space, CRUELTY, trials=2, sampler="grid", quiet=True)
    assert study.best.params == {"clip": None}, "and norm, which it does not have, is not"
    assert study.trials[1].params == {"clip": 1.0, "norm": 2}


def test_a_whole_number_may_be_written_as_another_kind() -> None:
    assert tuner.Int(8.0, 1e2, step=np.int64(4)) == tuner.Int(8, 100, step=4)  # type: ignore[arg-type]


def test_params_may_be_of_any_library() -> None:
    import torch

    given = {"betas": np.array([0.9, 0.99]), "rate": np.float32(0.5), "deep": np.bool_(True)}
    found = plain(given | {"sizes": (np.int64(3), torch.tensor(4)), "none": None})
    assert repr(found) == (
        "{'betas': [0.9, 0.99], 'rate': 0.5, 'deep': True, 'sizes': [3, 4], 'none': None}"
    )


def test_sections_are_objects_or_plain(engine: SimulatedEngine) -> None:
    for number, (sampler, scheduler) in enumerate(
        [("random", "none"), (Random(seed=3), AshaConfig(mode="stop")), ({"type": "tpe"}, None)]
    ):
        study = tuner.search(
            descend, SPACE, {"name": "cruelty", "direction": "minimize"},
            trials=2, sampler=sampler, scheduler=scheduler, name=f"study{number}", quiet=True,
        )  # fmt: skip
        text = (study.folder / "study.yaml").read_text()
        assert f"type: {['random', 'random', 'tpe'][number]}" in text
    assert "seed: 3" in (Path("results") / "study1" / "study.yaml").read_text()


def test_twice_in_one_process_it_is_two_studies(engine: SimulatedEngine) -> None:
    studies = [tuner.search(descend, SPACE, CRUELTY, trials=1, quiet=True) for _ in range(3)]
    assert [study.name for study in studies] == ["descend", "descend-2", "descend-3"]


def test_one_that_has_a_name_is_not_overwritten(engine: SimulatedEngine) -> None:
    def again(**options: Any) -> tuner.Study:
        return tuner.search(descend, SPACE, CRUELTY, trials=2, name="mine", quiet=True, **options)

    again()
    with pytest.raises(tuner.UserError, match=r"exists already .* give resume=True"):
        again()
    assert len(again(resume=True).trials) == 2
    assert engine.runs == 1, "it is finished"
    tuner.search(descend, SPACE, CRUELTY, trials=1, name="new", resume=True, quiet=True)


class TestInterrupted:
    def test_it_raises_and_resumes_to_the_same(self, engine: SimulatedEngine) -> None:
        whole = tuner.search(descend, SPACE, CRUELTY, trials=5, workers=1, name="whole", quiet=True)
        engine.epochs = 9
        with pytest.raises(KeyboardInterrupt):
            tuner.search(descend, SPACE, CRUELTY, trials=5, workers=1, name="cut")
        study = tuner.load_study("results/cut")
        assert study.status == "interrupted"
        engine.epochs = None
        study.resume()
        assert history(study.folder) == history(whole.folder)

    def test_killed_it_is_interrupted_too(self, engine: SimulatedEngine) -> None:
        study = tuner.search(descend, SPACE, CRUELTY, trials=1, quiet=True)
        with Records.open(study.folder, write=True) as records:
            records.add_event(time.time(), EventKind.RESUMED)
        assert study.status == "running"
        for process, status in ((os.getppid(), "running"), (2**22 + 1, "interrupted")):
            (study.folder / "study.lock").write_text(f"{platform.node()} {process}\n")
            assert study.status == status
        assert repr(study).startswith("<Study descend: interrupted, 1 trial; best")

    def test_it_says_how(self, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]) -> None:
        engine.epochs = 1
        with pytest.raises(KeyboardInterrupt):
            tuner.search(descend, SPACE, CRUELTY, trials=5, name="cut")
        said = capsys.readouterr().err
        assert "resume   tuner.load_study('results/cut').resume()" in said

    def test_a_local_function_must_be_given_again(
        self, engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def local(params: Params, trial: tuner.Trial) -> Iterator[dict[str, float]]:
            yield from descend(params, trial)

        engine.epochs = 3
        with pytest.raises(KeyboardInterrupt):
            tuner.search(local, SPACE, CRUELTY, trials=2)
        assert "resume   tuner.load_study('results/local').resume(local)" in capsys.readouterr().err
        engine.epochs = None
        study = tuner.load_study("results/local")
        with pytest.raises(tuner.UserError, match=r"notebook .*\.resume\(local\)"):
            study.resume(quiet=True)
        assert len(study.resume(local).trials) == 2
        further = "extend   tuner.load_study('results/local').resume(local, extend=20)"
        assert further in capsys.readouterr().out.splitlines()


def test_params_with_dots_are_in_sections_as_searched_ones_are(engine: SimulatedEngine) -> None:
    seen = []

    def train(params: Params, trial: tuner.Trial) -> Iterator[dict[str, float]]:
        seen.append(params)
        yield {"cruelty": 1.0}

    space = {"opt.rate": SPACE["rate"]}
    tuner.search(train, space, CRUELTY, trials=1, params={"opt.name": "adam"}, quiet=True)
    assert seen == [{"opt": {"name": "adam", "rate": seen[0]["opt"]["rate"]}}]


def test_ways_on_are_told_as_calls(
    engine: SimulatedEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    given: dict[str, Any] = {"space": SPACE, "metric": CRUELTY, "trials": 1, "name": "one"}
    tuner.search(descend, **given)
    with pytest.raises(tuner.UserError, match=r"another name=, or .* with resume\(force=True\)$"):
        tuner.search(descend, **given, params={"k": 1}, resume=True)
    capsys.readouterr()
    tuner.search(descend, **given, resume=True)
    assert "add trials with resume(extend=N)" in capsys.readouterr().err


def test_a_metric_is_what_the_objective_and_the_search_say_of_it(engine: SimulatedEngine) -> None:
    class Told(Descent):
        metrics = (tuner.Metric("cruelty", "minimize", unit="J", minor=True, baseline=9.0),)

    def described(metric: Any) -> tuner.Metric:
        study = tuner.search(Told(), {"rate": SPACE["rate"]}, metric, trials=1, quiet=True)
        return study._comparison().describe("cruelty")

    (whole,) = Told.metrics
    assert described(whole) == whole
    assert described(tuner.Metric("cruelty", "minimize", decimals=1, baseline=8.0)) == replace(
        whole, decimals=1, baseline=8.0
    )


def test_a_function_is_compared_with_a_value_that_is_known(engine: SimulatedEngine) -> None:
    metric = tuner.Metric("cruelty", "minimize", baseline=9.5, baseline_label="last year")
    study = tuner.search(descend, SPACE, metric, trials=1, quiet=True).resume(extend=1, quiet=True)
    frame = study.to_frame()
    assert dict(zip(frame["trial"], frame["cruelty best"], strict=True))["last year"] == 9.5


def test_the_best_of_nothing_says_why(engine: SimulatedEngine) -> None:
    def fails(params: Params, trial: tuner.Trial) -> Iterator[dict[str, float]]:
        yield {"kindness": 1.0}

    study = tuner.search(fails, SPACE, CRUELTY, trials=2, quiet=True)
    with pytest.raises(tuner.UserError, match="epoch 1 reports no cruelty, only kindness, seconds"):
        _ = study.best


def test_a_notebook_has_its_own_way_of_showing(
    engine: SimulatedEngine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class ZMQInteractiveShell:
        """As IPython's kernel calls it."""

    class IPython:
        get_ipython = ZMQInteractiveShell

    monkeypatch.setitem(sys.modules, "IPython", IPython)
    assert isinstance(reporter_here("x", quiet=False), NotebookReporter)
    shown: list[str] = []
    monkeypatch.setattr(NotebookReporter, "_show", lambda self, text: shown.append(text))
    tuner.search(descend, SPACE, CRUELTY, trials=2)
    assert shown[:2] == ["starting Ray", "descend: 0 of 2 trials"]
    assert shown[-1].startswith("descend: 2 of 2 trials; best T00")
    assert capsys.readouterr() == ("", ""), "the cell shows the study itself"


def test_importing_it_is_light() -> None:
    program = (
        "import sys, tuner\n"
        "tuner.Float(0, 1), tuner.Metric('x'), tuner.search, tuner.Objective\n"
        "heavy = {'torch', 'ray', 'optuna', 'pandas', 'numpy', 'typer', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        "print(tuner.samplers.Tpe(seed=3).seed, tuner.schedulers.AshaConfig().mode)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["[]", "3 promote"]
