from collections import Counter

import pytest

from tuner.schedulers import Decision, HyperbandConfig, SchedulerContext
from tuner.schedulers.hyperband import Hyperband, shares


def build(max_epochs: int = 27, **more: object) -> Hyperband:
    scheduler = HyperbandConfig.model_validate({"mode": "stop", **more}).build(
        SchedulerContext(max_epochs)
    )
    assert isinstance(scheduler, Hyperband)
    return scheduler


def test_brackets_get_their_shares_of_any_run_of_trials() -> None:
    scheduler = build(max_epochs=81, brackets=4)
    dealt = Counter(id(scheduler.bracket(trial)) for trial in range(100))
    assert sorted(dealt.values(), reverse=True) == [
        pytest.approx(100 * share, abs=1.5) for share in shares(4, 4, 3)
    ]
    assert len({id(scheduler.bracket(trial)) for trial in range(10)}) >= 3


def test_shares_are_those_of_hyperband() -> None:
    """Li et al. 2018, table 1: 81 epochs, eta 3: 81, 34, 15, 8 and 5 trials."""
    numbers = [share * 143 for share in shares(4, 5, 3)]
    assert numbers == pytest.approx([81, 34, 15, 8, 5], abs=6)


def test_a_trial_keeps_its_bracket_whatever_was_asked_before() -> None:
    one, other = build(), build()
    other.bracket(50)
    places = [
        [scheduler._brackets.index(scheduler.bracket(trial)) for trial in range(50)]
        for scheduler in (one, other)
    ]
    assert places[0] == places[1]


def test_later_brackets_spare_trials_longer() -> None:
    scheduler = build()
    last = [t for t in range(100) if scheduler.bracket(t) is scheduler._brackets[2]]
    for value, trial in enumerate(reversed(last)):
        assert scheduler.report(trial, 1, value) is Decision.CONTINUE
        assert scheduler.report(trial, 3, value) is Decision.CONTINUE
    assert scheduler.report(last[0], 9, 1.0) is Decision.CONTINUE
    assert scheduler.report(last[1], 9, 0.0) is Decision.STOP


def test_short_trials_have_fewer_brackets() -> None:
    assert len(build(max_epochs=3)._brackets) == 1
    assert len(build(max_epochs=1)._brackets) == 1
    assert build(max_epochs=1).report(0, 1, 0.0) is Decision.CONTINUE
