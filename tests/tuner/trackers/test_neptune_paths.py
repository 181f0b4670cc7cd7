"""Metrics and settings may be called as a section of others is, which Neptune has no room for."""

import math
from pathlib import Path

import pytest

from tests.studies import FakeStudy
from tests.tuner.trackers.copies import read_neptune
from tuner.records import EpochRecord, Records
from tuner.trackers import NeptuneConfig
from tuner.trackers.neptune.paths import RESERVED, Paths
from tuner.trackers.sync.feed import Feed


@pytest.mark.parametrize(
    ("names", "paths"),
    [
        (["loss", "psnr"], ["loss", "psnr"]),
        (["loss", "loss/val", "loss/val/top"], ["loss/value", "loss/val/value", "loss/val/top"]),
        (["a", "a/b", "a/value"], ["a_", "a/b", "a/value"]),
        (["a//b", "a/_/b", "/a"], ["a/_/b", "a___b", "_/a"]),
        (["params", "best/x", "sys/id", "x"], ["params_", "best_x", "sys_id", "x"]),
    ],
)
def test_no_name_is_in_the_way_of_another(names: list[str], paths: list[str]) -> None:
    found = Paths(RESERVED)
    found.expect(names)
    assert [found.of(name) for name in names] == paths


def test_one_that_comes_later_goes_beside_what_is_there() -> None:
    found = Paths()
    assert [found.of(name) for name in ("loss", "loss/val", "loss_val", "loss")] == [
        "loss", "loss_val", "loss_val_", "loss",
    ]  # fmt: skip


def test_a_study_with_such_names_is_copied_whole(tmp_path: Path) -> None:
    study = FakeStudy(tmp_path / "s", metrics={"loss": "minimize"}, bicubic={})
    trial = study.start(params={"size": 1, "size/depth": 2, "clip": math.inf, "seed": 2**31})
    for epoch in (1, 2):
        row = {"loss": 1.0 / epoch, "loss/val": 2.0 / epoch, "trial": float(epoch)}
        study.records.add_epoch(EpochRecord(trial, epoch, row, epoch, epoch + 1.0, "w0"))
    study.end(trial)
    with Records.open(study.close()) as records:
        feed = Feed(records, NeptuneConfig(), tmp_path / "n.json", lambda *_: None, afresh=True)
        feed.finish()
    (copy,) = read_neptune(tmp_path / "s").trials.values()
    assert copy.series["loss/value"] == [(1, 1.0), (2, 0.5)]
    assert copy.series["loss/val"] == [(1, 2.0), (2, 1.0)]
    assert copy.series["trial_"] == [(1, 1.0), (2, 2.0)]
    assert copy.values["best/loss/value"] == 0.5
    assert (copy.settings["size/value"], copy.settings["size/depth"]) == (1.0, 2.0)
    assert copy.settings["clip"] == math.inf
    assert copy.settings["seed"] == 2**31
