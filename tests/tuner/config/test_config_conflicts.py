"""What is said of sections that do not fit each other: sampler, scheduler, space, conditions."""

from pathlib import Path

from tests.tuner.config.step4 import STUDY, messages
from tuner.config import load_study

ONLY_RATE = "search={optimizer.learning_rate: {low: 0.1, high: 0.2}}"
TWO_METRICS = "metric=[validation/psnr, parameters]"


def test_a_sampler_that_does_not_fit_the_space(tmp_path: Path) -> None:
    lines = messages(tmp_path, STUDY, "sampler.type=cmaes", "scheduler.type=none")
    assert lines == [
        "search.loss.type: sampler cmaes needs a space of ranges; this is a choice",
        "search.optimizer.betas: sampler cmaes needs a space of ranges; this is a choice",
        "search.network.dilations: sampler cmaes needs a space of ranges; this is a choice",
    ]


def test_a_sampler_that_does_not_fit_the_scheduler(tmp_path: Path) -> None:
    assert messages(tmp_path, STUDY, ONLY_RATE, "sampler.type=cmaes") == [
        "sampler.type = cmaes: learns only from complete trials, and scheduler asha stops most; "
        "use scheduler none"
    ]


def test_two_metrics_need_a_sampler_and_a_scheduler_for_them(tmp_path: Path) -> None:
    alone = (ONLY_RATE, "scheduler.type=none", "sampler.type=cmaes")
    assert messages(tmp_path, STUDY, TWO_METRICS, *alone) == [
        "sampler.type = cmaes: cannot search for two metrics; use tpe, random, grid, quasi_random, "
        "gp, nsga2 or own, or name a single metric"
    ]
    assert messages(tmp_path, STUDY, TWO_METRICS, ONLY_RATE, "scheduler.type=pbt") == [
        "scheduler.type = pbt: works with a single metric only; use another scheduler, or name "
        "a single metric"
    ]


def test_pbt_only_changes_what_leaves_the_weights_as_they_are(tmp_path: Path) -> None:
    search = (
        "search={loss.type: {choice: [mae, charbonnier]}, network.depth: {low: 1, high: 2}, "
        "loss.epsilon: {low: 0.1, high: 0.2, when: {loss.type: charbonnier}}}"
    )
    assert messages(tmp_path, STUDY, search, "scheduler.type=pbt") == [
        "search.network.depth: scheduler pbt changes settings of running trials, and their "
        "weights would not fit; search optimizer.*, lr_schedule.*, loss.* or training.* with it",
        "search.loss.epsilon.when: scheduler pbt changes settings of running trials, which "
        "conditions do not survive",
    ]
    assert messages(tmp_path, STUDY, "search={}", "scheduler.type=pbt") == [
        "scheduler.type = pbt: scheduler pbt changes settings of running trials, and none is "
        "searched"
    ]


def test_values_that_cannot_be_together(tmp_path: Path) -> None:
    apart = "search={network.block: {choice: [residual, dilated]}, network.dilations: CHOICE}"
    bad = apart.replace("CHOICE", "{choice: [null, [1, 2]]}")
    assert messages(tmp_path, STUDY, bad) == [
        "search.network.dilations.choice.1 = [1, 2]: dilations [1, 2] need block: dilated, not "
        "block: residual (in a search: `when: {network.block: dilated}`)"
    ]
    dilated = "objective.network.block=dilated"
    assert messages(tmp_path, STUDY, bad, dilated) == [
        "search: network.block = residual and network.dilations = [1, 2] cannot be combined: "
        "dilations [1, 2] need block: dilated, not block: residual (in a search: "
        "`when: {network.block: dilated}`)"
    ]


def test_conditions_that_can_never_all_hold(tmp_path: Path) -> None:
    search = (
        "search={loss.type: {choice: [mse, mae]}, "
        "network.depth: {low: 1, high: 2, when: {loss.type: mse}}, "
        "network.channels: {low: 8, high: 9, when: {network.depth: 1, loss.type: mae}}}"
    )
    assert messages(tmp_path, STUDY, search) == [
        "search.network.channels.when = {network.depth: 1, loss.type: mae}: these can never all "
        "hold"
    ]


def test_a_cycle_of_conditions(tmp_path: Path) -> None:
    search = (
        "search={network.depth: {low: 1, high: 2, when: {network.channels: 8}}, "
        "network.channels: {choice: [8, 16], when: {network.depth: 1}}}"
    )
    assert messages(tmp_path, STUDY, search) == [
        "search: the conditions form a cycle: network.depth -> network.channels -> network.depth"
    ]


def test_a_choice_may_be_narrower_than_the_conditions_on_it(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(STUDY)
    when = "search.network.depth={low: 1, high: 2, when: {loss.type: [mae, ssim]}}"
    assert load_study(file, [when]).space().size() is None
    wrong = when.replace("ssim", "sim")
    (line,) = messages(tmp_path, STUDY, wrong)
    assert line.startswith("search.network.depth.when.loss.type = [mae, sim]: ")
