"""What TensorBoard itself makes of a copy: one that is open stays right, HPARAMS can be sorted."""

from pathlib import Path
from typing import Any

from tests.studies import FakeStudy
from tests.tuner.trackers.copies import hparams
from tuner.records import EpochRecord, Records, TrialState
from tuner.trackers import TensorboardConfig
from tuner.trackers.sync.feed import Feed


def _study(folder: Path) -> FakeStudy:
    return FakeStudy(folder, metrics={"loss": "minimize"}, bicubic={})


def _train(study: FakeStudy, trial: int, *epochs: int) -> None:
    for epoch in epochs:
        row = {"loss": 1.0 / epoch}
        record = EpochRecord(trial, epoch, row, study.clock + epoch, study.clock + epoch + 1, "w0")
        study.records.add_epoch(record)


def _copy(study: FakeStudy) -> Path:
    with Records.open(study.folder) as records:
        path = study.folder / "cursor.json"
        Feed(records, TensorboardConfig(), path, lambda *_: None, afresh=False).finish()
    return study.folder / "trackers" / "tensorboard"


def _opened(folder: Path) -> Any:
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer

    runs = EventMultiplexer()
    runs.AddRunsFromDirectory(str(folder))
    runs.Reload()
    return runs


def test_one_that_is_open_sees_a_trial_go_on(tmp_path: Path) -> None:
    study = _study(tmp_path / "s")
    trial = study.start("A")
    _train(study, trial, 1, 2, 3)
    study.end(trial, TrialState.INTERRUPTED)
    runs = _opened(_copy(study))

    def steps(tag: str) -> list[int]:
        runs.Reload()
        return [event.step for event in runs.Tensors("A", tag)]

    assert steps("loss") == [1, 2, 3]
    for last in (5, 7):  # resumed twice
        study.records.update_trial(trial, state=TrialState.RUNNING, ended=None)
        _train(study, trial, last - 1, last)
        study.end(trial, TrialState.INTERRUPTED)
        folder = _copy(study)
        assert steps("loss") == [*range(1, last + 1)]
        assert steps("best/loss") == [last]
        assert len([path for path in (folder / "A").iterdir() if path.stat().st_size]) == 1
        fresh = _opened(folder)
        assert [event.step for event in fresh.Tensors("A", "loss")] == [*range(1, last + 1)]


def test_a_setting_of_several_kinds_can_be_sorted_by(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
    from tensorboard.context import RequestContext
    from tensorboard.plugins.base_plugin import TBContext
    from tensorboard.plugins.hparams.api_pb2 import ORDER_ASC, ListSessionGroupsRequest
    from tensorboard.plugins.hparams.backend_context import Context
    from tensorboard.plugins.hparams.list_session_groups import Handler

    study = _study(tmp_path / "s")
    for decay in (None, 0.1, 0.01, True):
        trial = study.start(params={"optimizer.weight_decay": decay, "network.channels": 16})
        _train(study, trial, 1)
        study.end(trial)
    folder = _copy(study)
    runs = _opened(folder)
    provider = MultiplexerDataProvider(runs, str(folder))
    context = Context(TBContext(logdir=str(folder), multiplexer=runs, data_provider=provider))
    request = ListSessionGroupsRequest(slice_size=9, allowed_statuses=[0, 1, 2, 3])
    request.col_params.add(hparam="optimizer.weight_decay", order=ORDER_ASC)
    groups = Handler(RequestContext(), context, "", request).run().session_groups
    decays = [group.hparams["optimizer.weight_decay"].string_value for group in groups]
    assert decays == ["0.01", "0.1", "null", "true"]
    assert {group.hparams["network.channels"].number_value for group in groups} == {16.0}


def test_whole_numbers_that_no_float_holds_keep_their_digits(tmp_path: Path) -> None:
    study = _study(tmp_path / "s")
    for name, seed in [("A", 2**53), ("B", 2**53 + 1), ("C", 7)]:
        trial = study.start(name, params={"seed": seed, "network.channels": 16})
        _train(study, trial, 1)
        study.end(trial)
    folder = _copy(study).parents[1]
    assert [hparams(folder, name)[0]["seed"] for name in "ABC"] == [str(2**53), str(2**53 + 1), "7"]
    assert hparams(folder, "A")[0]["network.channels"] == 16.0
