"""Which tests run in one process, when pytest runs in several, and which come first.

Tests of a file stay together, for they share what was made for them once. So do those that use
Ray, or the packages and the server of trackers: each is started once. Long tests that share nothing
are on their own.
(`--dist loadgroup` would say the same with marks, but does nothing with pytest 9.2.)
"""

import pytest
from xdist.scheduler import LoadScopeScheduling

SHARED = {
    "Ray": (
        "test_ray_run.py",
        "test_ray_private.py",
        "test_stock_defects.py",
        "test_full_disk.py",
        "::test_it_stops_early_on_two_workers",
    ),
    "trackers": (
        "test_mlflow_names.py",
        "test_tracker_contract.py",
        "test_tracker_faults.py",
        "test_tracker_model.py",
        "test_tracker_secrets.py",
        "test_tracker_servers.py",
    ),
}
APART = ("test_crash.py", "test_readme.py")
EARLY = ("test_crash.py::test_killed", *SHARED["Ray"], "trackers")

SLOW = (
    "tests/benchmarks/",
    "tests/test_contributing.py",
    "tests/test_docs.py",
    "tests/test_docs_data.py",
    "tests/test_readme.py::test_your_own",
    "tests/test_readme.py::test_commands",
    "test_command_study.py",
    "test_own_contract.py",
    "test_shipping.py",
    "test_mlflow_names.py",
    "test_measures.py",
    "test_tiling.py",
    "lifecycle/test_next.py",
    "lifecycle/test_resume",
    "lifecycle/test_warm_start.py",
    "test_scheduler_contract.py",
    "test_pyramid_cache.py",
    "networks/test_vgg16.py",
    "networks/test_progressive.py",
    "networks/test_own.py",
    "executors/test_crash.py",
    "executors/test_full_disk.py",
    "executors/test_locks.py",
    "executors/test_cluster.py",
    "executors/test_ray",
    "executors/test_stock",
    "test_api_on_ray.py",
    "tuner/trackers/test_tracker_",
    "tuner/page/",
    "export/test_export_model.py",
    "test_export_optuna.py",
    "[Gp]",
    "test_killed_run.py",
    "test_config_fuzz.py",
    "test_space_properties.py",
    "lifecycle/test_restore.py",
    "lifecycle/test_earlier_version.py",
    "test_evaluate.py",
    "test_upscale.py::test_it_is_a_program",
    "thousand",
    "spandrel",
    "test_describe.py",
    "executors/test_simulation.py",
    "test_region_that_fails",
    "test_training_run.py",
    "networks/test_all_networks.py",
    "test_search_spaces.py",
    "test_report.py",
    "test_confirm.py",
    "sr_models/test_cli.py",
    "executors/test_trainable.py",
    "executors/test_parent_watchdog.py",
    "test_moved_data.py",
    "test_residual_init.py",
    "test_bombs_are_refused",
    "test_a_bomb_in_a_text",
    "test_downloaded_on_request",
    "test_an_epoch_yields_it_and_goes_on",
    "test_code_that_trains_one_model",
    "test_every_network_comes_back",
    "test_lpips_is_a_loss_too",
    "test_stops_what_ray_stops",
    "test_what_a_config_asks_for_is_measured",
)
"""What takes more than a few seconds, or many that do; `pytest -m "not slow"` leaves it out."""


class InFamilies(LoadScopeScheduling):
    """Gives a family of tests to whichever process is free."""

    def _split_scope(self, nodeid: str) -> str:
        for name, parts in SHARED.items():
            if any(part in nodeid for part in parts):
                return name
        return (
            nodeid if any(part in nodeid for part in APART) else nodeid.split("::", maxsplit=1)[0]
        )


def early(item: pytest.Item) -> int:
    """A key to sort by: what takes long comes first, so that nobody waits for it at the end."""
    ranks = (rank for rank, part in enumerate(EARLY) if part in item.nodeid)
    return next(ranks, len(EARLY))
