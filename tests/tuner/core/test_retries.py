"""How often a trial is tried again."""

from tuner.core.retries import RetryCounter


def test_a_trial_that_crashes_where_it_did_is_given_up() -> None:
    counter = RetryCounter(1)
    assert counter.try_again(0, epoch=2)
    assert not counter.try_again(0, epoch=2)


def test_tries_start_anew_after_progress() -> None:
    counter = RetryCounter(1)
    assert [counter.try_again(0, epoch) for epoch in (2, 3, 4, 4)] == [True, True, True, False]
    assert counter.try_again(1, epoch=0), "another trial"


def test_none_means_none() -> None:
    counter = RetryCounter(0)
    assert [counter.try_again(0, epoch) for epoch in (0, 5)] == [False, False]
