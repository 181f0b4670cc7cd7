"""Every network there is, one after the other."""

import pytest
import torch

from sr_models.networks import PRESETS, NetworkBase
from tests.sr_models.networks.network_configs import CONFIGS


@pytest.fixture(params=CONFIGS)
def config(request: pytest.FixtureRequest) -> NetworkBase:
    """One network config after the other: each member of the union, and variants."""
    return CONFIGS[request.param]


@pytest.fixture(params=PRESETS)
def preset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
