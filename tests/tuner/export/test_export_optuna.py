"""A study as one of Optuna's, read back with Optuna and with the dashboard's own server."""

import json
import math
from datetime import datetime
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState as OptunaState

from sr_models.errors import UserError
from tests.studies import write_study
from tests.tuner.analysis.small_study import PSNR, SmallStudy, example, psnr
from tuner.analysis.snapshot import Snapshot, open_snapshot, read_snapshot
from tuner.export.optuna_study import export_to_optuna
from tuner.records import TrialState

STUDY_FILE = """
study: step4
objective: {network: {type: progressive}, loss: {type: mse}}
search:
  loss.type: {choice: [mse, mae]}
  optimizer.learning_rate: {low: 1.0e-4, high: 5.0e-2, log: true}
  optimizer.betas: {choice: [[0.9, 0.999], [0.9, 0.95]]}
  network.block: {choice: [residual, dilated]}
  network.dilations: {choice: [[1, 2], [1, 2, 4]], when: {network.block: dilated}}
"""


def small(folder: Path, **options: object) -> SmallStudy:
    study = SmallStudy(folder, **options)  # type: ignore[arg-type]
    (folder / "study.yaml").write_text(STUDY_FILE)
    return study


def exported(snapshot: Snapshot, folder: Path) -> optuna.Study:
    url = f"sqlite:///{folder / 'optuna.db'}"
    export_to_optuna(snapshot, url)
    return optuna.load_study(study_name=snapshot.name, storage=url)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> optuna.Study:
    """The example, exported once: the tests only look at it."""
    root = tmp_path_factory.mktemp("optuna")
    with example(root / "step4") as records:
        snapshot = read_snapshot(records)
    (root / "step4" / "study.yaml").write_text(STUDY_FILE)
    return exported(snapshot, root)


def test_states_and_values(study: optuna.Study) -> None:
    found = [(trial.user_attrs["name"], trial.state.name, trial.value) for trial in study.trials]
    assert found == [
        ("AS-24", "COMPLETE", 27.0),
        ("AS-26", "COMPLETE", 24.0),
        ("T002", "COMPLETE", 28.5),
        ("T003", "PRUNED", 26.5),
        ("T004", "FAIL", None),
        ("T005", "RUNNING", None),
    ]
    assert study.best_trial.user_attrs["name"] == "T002"
    assert study.direction is optuna.study.StudyDirection.MAXIMIZE
    assert study.metric_names == [PSNR]


def test_numbers_and_times_are_the_studys(study: optuna.Study) -> None:
    trial = study.trials[2]
    assert trial.number == 2
    assert trial.datetime_start == datetime.fromtimestamp(1040.0)
    assert trial.datetime_complete == datetime.fromtimestamp(1070.0)
    assert study.trials[5].datetime_complete is None


def test_every_epoch_is_an_intermediate_value(study: optuna.Study) -> None:
    assert study.trials[2].intermediate_values == {1: 26.0, 2: 28.5, 3: 28.0}
    assert study.trials[3].last_step == 1


def test_parameters_and_distributions_are_the_spaces(study: optuna.Study) -> None:
    first = study.trials[0]
    assert first.params == {
        "loss.type": "mse",
        "optimizer.learning_rate": 0.001,
        "optimizer.betas": "[0.9,0.999]",
        "network.block": "residual",
    }
    rate = first.distributions["optimizer.learning_rate"]
    assert rate == optuna.distributions.FloatDistribution(1e-4, 5e-2, log=True)


def test_a_value_outside_of_the_search_is_kept_beside(study: optuna.Study) -> None:
    outside = study.trials[4]
    assert "optimizer.learning_rate" not in outside.params
    assert outside.user_attrs["params"]["optimizer.learning_rate"] == 0.1
    assert outside.user_attrs["error"] == "NonFiniteError: loss is nan"


def test_optunas_own_tools_work_on_it(study: optuna.Study) -> None:
    frame = study.trials_dataframe()
    assert len(frame) == 6
    importance = optuna.importance.get_param_importances(
        study, evaluator=optuna.importance.PedAnovaImportanceEvaluator()
    )
    assert set(importance) <= set(study.trials[0].params)

    sampler = optuna.samplers.TPESampler(seed=0, n_startup_trials=1)
    going_on = optuna.create_study(direction="maximize", sampler=sampler)
    going_on.add_trials(study.trials)
    assert going_on.ask(study.trials[0].distributions).number == 6


def test_the_dashboard_reads_it(study: optuna.Study) -> None:
    from optuna_dashboard._app import create_app

    body = _get(create_app(study._storage), "/api/studies")
    [summary] = json.loads(body)["study_summaries"]
    assert summary["study_name"] == "step4"
    detail = json.loads(_get(create_app(study._storage), f"/api/studies/{summary['study_id']}"))
    states = [trial["state"] for trial in detail["trials"]]
    assert states == ["Complete", "Complete", "Complete", "Pruned", "Fail", "Running"]
    assert detail["objective_names"] == [PSNR]
    assert detail["trials"][2]["intermediate_values"][1] == {"step": 2, "value": 28.5}


def _get(app: object, path: str) -> bytes:
    """One GET of a WSGI application."""
    from wsgiref.util import setup_testing_defaults

    environment: dict[str, object] = {"PATH_INFO": path, "REQUEST_METHOD": "GET"}
    setup_testing_defaults(environment)
    started: list[str] = []
    body = app(environment, lambda status, *_: started.append(status))  # type: ignore[operator]
    content = b"".join(body)
    assert started == ["200 OK"], content
    return content


def test_an_interrupted_trial_fails_and_ends_with_its_last_epoch(tmp_path: Path) -> None:
    writer = small(tmp_path / "s")
    writer.trial("a", psnr(26.0, 27.0), TrialState.INTERRUPTED)
    writer.records.update_trial(0, ended=None)
    [trial] = exported(read_snapshot(writer.records), tmp_path).trials
    assert trial.state is OptunaState.FAIL
    assert trial.datetime_complete == datetime.fromtimestamp(1020.0)
    assert trial.user_attrs["state"] == "interrupted"


def test_values_that_are_not_finite(tmp_path: Path) -> None:
    writer = small(tmp_path / "s")
    writer.trial("complete", [{PSNR: math.nan}])
    writer.trial("stopped", [{PSNR: 26.0}, {PSNR: math.inf}], TrialState.STOPPED)
    writer.trial("nothing", [{"train/loss": 1.0}])
    complete, stopped, nothing = exported(read_snapshot(writer.records), tmp_path).trials
    assert complete.state is OptunaState.FAIL
    assert math.isnan(complete.intermediate_values[1])
    assert (stopped.state, stopped.value) == (OptunaState.PRUNED, None)
    assert (nothing.state, nothing.intermediate_values) == (OptunaState.FAIL, {})


def test_two_metrics_with_the_values_of_one_epoch(tmp_path: Path) -> None:
    goals = {PSNR: "maximize", "parameters": "minimize"}
    writer = small(tmp_path / "s", metrics=goals)
    writer.trial("a", psnr(26.0, 28.0, 27.0), static_metrics={"parameters": 1000})
    writer.trial("b", psnr(26.0), TrialState.STOPPED, static_metrics={"parameters": 10})
    study = exported(read_snapshot(writer.records), tmp_path)
    assert [trial.values for trial in study.trials] == [[28.0, 1000.0], None]
    assert [direction.name for direction in study.directions] == ["MAXIMIZE", "MINIMIZE"]
    assert [trial.number for trial in study.best_trials] == [0]
    assert study.metric_names == [PSNR, "parameters"]


def test_conditional_settings_only_where_they_are_active(tmp_path: Path) -> None:
    writer = small(tmp_path / "s")
    writer.trial("a", params={"network.block": "dilated", "network.dilations": [1, 2]})
    writer.trial("b", params={"network.block": "residual"})
    dilated, residual = exported(read_snapshot(writer.records), tmp_path).trials
    assert dilated.params["network.dilations"] == "[1,2]"
    assert "network.dilations" not in residual.params


def test_a_second_export_says_what_to_do(tmp_path: Path) -> None:
    writer = small(tmp_path / "s")
    writer.trial("a", psnr(26.0))
    snapshot = read_snapshot(writer.records)
    exported(snapshot, tmp_path)
    with pytest.raises(UserError, match=r"holds a study 'step4' already.*optuna delete-study"):
        exported(snapshot, tmp_path)
    url = f"sqlite:///{tmp_path / 'optuna.db'}"
    assert len(optuna.load_study(study_name="step4", storage=url).trials) == 1


def test_a_failed_export_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = small(tmp_path / "s")
    writer.trial("a", psnr(26.0))
    snapshot = read_snapshot(writer.records)

    def refuse(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(optuna.Study, "add_trial", refuse)
    with pytest.raises(OSError, match="no space"):
        exported(snapshot, tmp_path)
    assert optuna.get_all_study_names(f"sqlite:///{tmp_path / 'optuna.db'}") == []


def test_our_own_study_is_never_written_to(tmp_path: Path) -> None:
    writer = small(tmp_path / "s")
    snapshot = read_snapshot(writer.records)
    before = (tmp_path / "s" / "study.db").read_bytes()
    with pytest.raises(UserError, match="that file is a study"):
        export_to_optuna(snapshot, f"sqlite:///{tmp_path / 's' / 'study.db'}")
    assert (tmp_path / "s" / "study.db").read_bytes() == before


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("optuna.db", "not a storage URL; a file is sqlite:///optuna.db"),
        ("sqlite:////no/such/folder/a.db", "unable to open database file"),
        ("nosuch://me:secret@host/db", "nosuch"),
    ],
)
def test_a_storage_that_cannot_be_used(tmp_path: Path, url: str, message: str) -> None:
    writer = small(tmp_path / "s")
    with pytest.raises(UserError, match=message) as raised:
        export_to_optuna(read_snapshot(writer.records), url)
    assert "secret" not in str(raised.value)


def test_a_study_that_never_started(tmp_path: Path) -> None:
    writer = small(tmp_path / "s", metrics={})
    with pytest.raises(UserError, match="has not started"):
        export_to_optuna(read_snapshot(writer.records), "sqlite://")


def test_a_realistic_study(tmp_path: Path) -> None:
    write_study(tmp_path / "s", trials=40, epochs=15, hostile=True, running=2)
    snapshot = open_snapshot(tmp_path / "s")
    study = exported(snapshot, tmp_path)
    assert [trial.user_attrs["name"] for trial in study.trials] == [
        trial.name for trial in snapshot.trials
    ]
    epochs = [len(trial.intermediate_values) for trial in study.trials]
    assert epochs == [len(snapshot.epochs[number]) for number in range(40)]
    assert study.best_trial.state is OptunaState.COMPLETE
