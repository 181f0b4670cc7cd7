import pytest

from sr_models.training import TrainingRun, estimate
from sr_models.training.checkpoint import BEST, LAST, PREVIOUS
from sr_models.training.cost_estimate import checkpoint_bytes


@pytest.mark.parametrize("ema", [None, 0.9])
def test_checkpoints_take_what_was_estimated(make_config, data, tmp_path, ema):
    config = make_config(
        network={"channels": 32}, training={"ema": ema, "max_epochs": 2, "pictures": 0}
    )
    list(TrainingRun(config, data=data, folder=tmp_path).epochs())
    written = sum((tmp_path / name).stat().st_size for name in (LAST, PREVIOUS, BEST))
    assert checkpoint_bytes(config) == pytest.approx(written, rel=0.2)


def test_an_estimate_is_near_an_epoch(make_config, data):
    config = make_config(network={"channels": 16}, training={"max_epochs": 4})
    found = estimate(config, data)
    epochs = TrainingRun(config, data=data).epochs()
    measured = sorted(epoch.metrics["seconds"] for epoch in epochs)[1]
    # A busy machine may be slow at either of the two times.
    assert measured / 10 < found.seconds_per_epoch < 10 * measured
    assert found.peak_memory_bytes > 50e6  # PyTorch alone is more
    assert found.checkpoint_bytes == checkpoint_bytes(config)
    assert found.picture_bytes_per_epoch > 0


def test_a_small_data_set_is_measured_whole(make_config, data):
    config = make_config(training={"batch_size": 1000})
    assert estimate(config, data).seconds_per_epoch > 0


def test_the_package_offers_the_function_whatever_was_imported_before():
    import sr_models.training.cost_estimate
    from sr_models.training import estimate as again

    assert again is sr_models.training.cost_estimate.estimate
