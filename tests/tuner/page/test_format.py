"""Numbers on the page: the same texts as everywhere else."""

import json
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tuner.page.scripting import run_script
from tuner.analysis.values import difference_text, metric_text, number_text, seconds_text
from tuner.objectives.metric import Metric
from tuner.page.epoch_columns import epoch_columns
from tuner.records import EpochRecord

CASES: dict[str, list[Any]] = json.loads(
    (Path(__file__).parent / "number_cases.json").read_text(encoding="utf-8")
)
WRITE = """
const { metricText, differenceText, meanText, numberText, secondsText, settingText } = format_js;
return {
  metrics: given.metrics.map((one) => metricText(one.metric, one.value)),
  differences: given.differences.map((one) => differenceText(one.metric, one.value)),
  means: (given.means ?? []).map((one) => meanText(one.metric, { ...one, count: 3 })),
  numbers: given.numbers.map(([value, digits]) => numberText(value, digits)),
  seconds: given.seconds.map(([value]) => secondsText(value)),
  settings: (given.settings ?? []).map(([value]) => settingText(value)),
};
"""


def written(cases: dict[str, list[Any]]) -> dict[str, list[str]]:
    """As the page writes them, with the minus and the dash of a keyboard."""
    found = run_script(WRITE, cases)
    return {
        kind: [text.replace("−", "-").replace("–", "-") for text in texts]
        for kind, texts in found.items()
    }


def test_the_page_writes_numbers_as_python_does() -> None:
    found = written(CASES)
    for kind in ("metrics", "differences"):
        assert found[kind] == [one["text"] for one in CASES[kind]]
    assert found["means"] == [f"{one['text']} (3)" for one in CASES["means"]]
    for kind in ("numbers", "seconds", "settings"):
        assert found[kind] == [one[-1] for one in CASES[kind]]


METRICS = [
    Metric("m", decimals=decimals, signed=signed)
    for decimals in (None, 0, 2, 4)
    for signed in (False, True)
]


def drawn(count: int) -> list[tuple[Metric, float]]:
    """Numbers of every size, and halves of every place, where two languages would differ."""
    random = Random(0)
    sizes = [random.choice((-1, 1)) * 10 ** random.uniform(-20, 20) for _ in range(count)]
    halves = [random.randint(-(10**7), 10**7) / 2 ** random.randint(0, 12) for _ in range(count)]
    return [(random.choice(METRICS), value) for value in (*sizes, *halves)]


def test_any_number_is_written_alike() -> None:
    numbers = drawn(5000)
    pairs = [{"metric": metric.to_info(), "value": value} for metric, value in numbers]
    values = [[value, 4] for _, value in numbers]
    times = [[abs(value)] for _, value in numbers if abs(value) < 1e15]
    assert written(
        {"metrics": pairs, "differences": pairs, "numbers": values, "seconds": times}
    ) == {
        "metrics": [metric_text(*one) for one in numbers],
        "differences": [difference_text(*one) for one in numbers],
        "means": [],
        "numbers": [number_text(value, 4) for _, value in numbers],
        "seconds": [seconds_text(seconds) for [seconds] in times],
        "settings": [],
    }


@given(st.floats(-1e6, 1e6), st.sampled_from(METRICS))
@settings(max_examples=2000, deadline=None)
def test_a_point_of_a_curve_is_not_rounded_twice(value: float, metric: Metric) -> None:
    epoch = EpochRecord(0, 1, {"m": value}, 0.0, 1.0, "w0")
    [kept] = epoch_columns([epoch], 0.0)["metrics"]["m"]
    assert metric_text(metric, kept) == metric_text(metric, value)
