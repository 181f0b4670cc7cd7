"""What is told of a study that is allowed, but cannot be what was meant."""

from pathlib import Path
from typing import Any

import pytest

from tests.tuner.simulated import study_config
from tuner.config.load import load_study
from tuner.lifecycle.notes import notes

X = {"low": 0.0, "high": 1.0}


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({}, []),
        (
            {"search": {"x": X | {"step": 0.3}}},
            ["search.x: steps of 0.3 from 0 do not reach high (1); the largest value tried is 0.9"],
        ),
        ({"search": {"x": X | {"step": 0.1}}}, []),
        (
            {"scheduler": {"type": "asha", "grace_period": 9}},
            [
                "scheduler.grace_period = 9: scheduler asha will stop no proposal, as none is "
                "longer than 9 epochs"
            ],
        ),
        ({"scheduler": {"type": "asha", "grace_period": 8}}, []),
        (
            {"scheduler": {"type": "median", "grace_period": 10}},
            [
                "scheduler.grace_period = 10: scheduler median will stop no proposal, as none is "
                "longer than 9 epochs"
            ],
        ),
        (
            {"sampler": {"type": "gp"}, "scheduler": {"type": "asha"}},
            [
                "sampler gp learns only from trials that ran in full, and scheduler asha stops "
                "others early: until enough have, it proposes at random; use scheduler none, "
                "or sampler tpe"
            ],
        ),
        ({"sampler": {"type": "gp"}, "scheduler": {"type": "none"}}, []),
        ({"sampler": {"type": "tpe"}, "scheduler": {"type": "asha"}}, []),
        ({"sampler": {"type": "random"}, "scheduler": {"type": "asha"}}, []),
        (
            {"constraints": {"parameters": {"max": 0}}},
            ["constraints: none of 50 settings drawn at random satisfies parameters at most 0"],
        ),
        (
            {"constraints": {"parameters": {"min": 10**9, "max": 10**10}}},
            [
                "constraints: none of 50 settings drawn at random satisfies parameters at least "
                "1e+09 and at most 1e+10"
            ],
        ),
        ({"constraints": {"parameters": {"min": 0}}}, []),
        (
            {
                "baselines": {"big": {"set": {"depth": 9}}, "small": {"set": {"depth": 1}}},
                "constraints": {"parameters": {"max": 5000}},
            },
            [
                "baselines.big does not satisfy parameters at most 5000: a baseline runs "
                "anyway, and may come out as the best"
            ],
        ),
        (
            {"search": {}, "constraints": {"parameters": {"max": 0}}},
            ["constraints: the objective section does not satisfy parameters at most 0"],
        ),
    ],
)
def test_notes(tmp_path: Path, sections: dict[str, Any], said: list[str]) -> None:
    assert notes(study_config(tmp_path, **sections)) == said


DEGRADED = """
study: degraded
objective:
  data:
    train: {type: folder, path: TRAIN}
    patches: {steps: 2}
    degradation: {blur: {low: 0, high: 1}}
    FIXED
search: {data.degradation.blur.high: {low: 1.0, high: 2.0}, SEARCHED}
metric: METRIC
"""


@pytest.mark.parametrize(
    ("fixed", "searched", "metric", "said"),
    [
        ("", "", "validation/psnr", ["data.degradation.blur.high: validation/psnr"]),
        ("validation_degradation: {blur: 1.0}", "", "validation/psnr", []),
        (
            "validation_degradation: {blur: 1.0}",
            "loss.type: {choice: [mae, mse]}",
            "validation/loss",
            ["loss.type: validation/loss"],
        ),
    ],
)
def test_a_metric_that_means_something_else_in_each_trial_is_told(
    tmp_path: Path, fixed: str, searched: str, metric: str, said: list[str]
) -> None:
    given = (("FIXED", fixed), ("SEARCHED", searched), ("METRIC", metric))
    text = DEGRADED
    for name, value in given:
        text = text.replace(name, value)
    (tmp_path / "study.yaml").write_text(text)
    found = notes(load_study(tmp_path / "study.yaml"))
    assert [note.partition(" can be compared only")[0] for note in found] == [
        f"search.{s}" for s in said
    ]
