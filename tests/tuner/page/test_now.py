"""A study while it runs: what the workers do, when it ends, and that what one reads stays put."""

from pathlib import Path
from typing import Any

import pytest

from tests.tuner.analysis.small_study import SmallStudy, psnr
from tests.tuner.page.scripting import run_script
from tests.tuner.page.test_model import page_data
from tuner.records import TrialState

NOW = """
  const study = [...model_js.createModel(given).studies.values()][0];
  return {
    working: now_js.working(study).map((one) =>
      [one.worker, one.trial.name, one.epoch, one.most]),
    left: now_js.estimate(study, null),
  };
"""


def running(folder: Path) -> SmallStudy:
    """Four trials are allowed: one has ended after 30 s, one has trained for 10 s."""
    study = SmallStudy(folder)
    study.trial("done", psnr(20.0, 21.0, 22.0))
    config = {"training": {"max_epochs": 9}}
    study.trial("going", psnr(20.0), TrialState.RUNNING, config=config, worker="w1")
    return study


def now(study: SmallStudy) -> dict[str, Any]:
    return run_script(NOW, page_data(study))


def test_what_each_worker_does(tmp_path: Path) -> None:
    study = running(tmp_path / "s")
    study.trial("fresh", (), TrialState.RUNNING, config={})
    assert now(study)["working"] == [["starting", "fresh", 0, None], ["w1", "going", 1, 9]]


def test_the_end_is_where_the_trials_left_would_be_done(tmp_path: Path) -> None:
    study = running(tmp_path / "s")
    assert now(study)["left"] == 2 * 30 + 20  # two that wait, and what "going" lacks
    study.records.set_info("budget", {"trials": 4, "wall_clock": 100.0})
    assert now(study)["left"] == 60  # 40 s of it are spent


def test_nothing_is_said_too_early(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("going", psnr(20.0), TrialState.RUNNING)
    assert now(study)["left"] is None
    study.trial("done", psnr(20.0))
    study.records.set_info("budget", {"trials": None, "wall_clock": None})
    assert now(study)["left"] is None


@pytest.mark.parametrize(
    ("ids", "choices", "at"),
    [
        ("xab", "same", 40 + 32),  # a new one came first: "b" was at the beginning, and stays
        ("ba", "same", 8),
        ("xab", "sorted anew", 40),
        ("xyz", "same", 40),  # it is gone
    ],
)
def test_the_entry_that_one_reads_stays_in_its_place(ids: str, choices: str, at: int) -> None:
    code = """
      const kept = {};
      const [ids, choices] = given;
      const size = 32;
      anchor_js.anchored(kept, { ids: ["a", "b"], size, at: 40, version: 1, choices: "same" });
      return anchor_js.anchored(kept, { ids: [...ids], size, at: 40, version: 2, choices });
    """
    assert run_script(code, [ids, choices]) == at
