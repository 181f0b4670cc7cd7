"""Which tests run in one process, when pytest runs in several, and which come first.

Tests of a file stay together, for they share what was made for them once. So do those that use
Ray, or MLflow's server: each is started once. Long tests that share nothing are on their own.
(`--dist loadgroup` would say the same with marks, but does nothing with pytest 9.2.)
"""

import pytest
from xdist.scheduler import LoadScopeScheduling

SHARED = {
    "Ray": ("test_ray_run.py", "test_ray_private.py", "test_stock_defects.py", "::TestFullDisk::"),
    "MLflow's server": ("[mlflow-server",),
}
APART = ("test_crash.py", "test_readme.py", "test_tracker_contract.py", "test_tracker_faults.py")
EARLY = ("test_crash.py::test_killed", "test_readme.py::test_commands", *SHARED["Ray"], "trackers")


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
