from typing import get_args

import pytest
from pydantic import ValidationError

from sr_models.lr_schedules import (
    ConstantConfig,
    CosineConfig,
    LrScheduleConfig,
    MultiStepConfig,
    OneCycleConfig,
    PlateauConfig,
)

VARIANTS = get_args(get_args(LrScheduleConfig)[0])
EPOCHS = 10


def factors(schedule, scores=()):
    """The factor in the middle of each epoch, as the scores come in."""
    found = []
    for epoch in range(EPOCHS):
        found.append(schedule.factor(epoch + 0.5))
        schedule.observe(scores[epoch] if epoch < len(scores) else 20.0)
    return found


@pytest.mark.parametrize("variant", VARIANTS)
def test_factors_stay_between_0_and_1(variant):
    schedule = variant().build(EPOCHS)
    assert all(0 <= schedule.factor(step / 7) <= 1 for step in range(7 * EPOCHS + 8))


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_restored_schedule_goes_on_as_the_first_would_have(variant):
    scores = [20, 21, 20.5, 20.5, 20.5, 20.9, 20.9, 20.9, 22, 22]
    whole = factors(variant().build(EPOCHS), scores)
    first = variant().build(EPOCHS)
    for score in scores[:6]:
        first.observe(score)
    second = variant().build(EPOCHS)
    second.restore(first.state())
    for epoch in range(6, EPOCHS):
        assert second.factor(epoch + 0.5) == whole[epoch]
        second.observe(scores[epoch])


@pytest.mark.parametrize("variant", [ConstantConfig, CosineConfig, MultiStepConfig, PlateauConfig])
def test_warm_up_rises_in_a_straight_line_to_the_full_rate(variant):
    schedule = variant(warmup_epochs=2).build(EPOCHS)
    assert [schedule.factor(epoch) for epoch in (0, 0.5, 1, 2)] == [0, 0.25, 0.5, 1]


def test_cosine_is_halfway_in_the_middle_and_ends_where_it_is_told():
    schedule = CosineConfig(final=0.2).build(EPOCHS)
    assert [schedule.factor(epoch) for epoch in (0, 5, 10)] == pytest.approx([1, 0.6, 0.2])


def test_multi_step_halves_at_each_milestone():
    schedule = MultiStepConfig(milestones=(0.5, 0.8)).build(EPOCHS)
    assert [schedule.factor(epoch) for epoch in (0, 4.9, 5, 7.9, 8, 10)] == [
        1,
        1,
        0.5,
        0.5,
        0.25,
        0.25,
    ]


@pytest.mark.parametrize("milestones", [(), (0.5, 0.5), (0.8, 0.5), (0.0,), (1.0,)])
def test_milestones_ascend_within_the_training(milestones):
    with pytest.raises(ValidationError, match="milestones"):
        MultiStepConfig(milestones=milestones)


def test_one_cycle_goes_up_and_then_down():
    config = OneCycleConfig(warmup=0.3, start=0.1, final=0.01)
    schedule = config.build(EPOCHS)
    assert [schedule.factor(epoch) for epoch in (0, 3, 10)] == pytest.approx([0.1, 1, 0.01])
    curve = factors(config.build(EPOCHS))
    assert curve[:3] == sorted(curve[:3])
    assert curve[3:] == sorted(curve[3:], reverse=True)


def test_plateau_lowers_after_patience_and_not_below_the_end():
    config = PlateauConfig(patience=2, factor=0.5, final=0.2)
    # 20 is the first score, then two epochs no better make each lowering.
    assert factors(config.build(EPOCHS)) == [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2, 0.2]


def test_plateau_leaves_a_rate_alone_while_scores_rise():
    rising = [20 + 0.1 * epoch for epoch in range(EPOCHS)]
    assert factors(PlateauConfig(patience=1).build(EPOCHS), rising) == [1.0] * EPOCHS


def test_plateau_does_not_take_noise_for_progress():
    noise = [20, 20.005, 20.009, 20.001]
    config = PlateauConfig(patience=2, min_delta=0.01)
    assert factors(config.build(EPOCHS), noise)[3] == 0.5
