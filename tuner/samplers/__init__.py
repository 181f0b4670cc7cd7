"""Samplers propose settings. The union is the registry: a new sampler is a file and a line here."""

from typing import Annotated

from pydantic import Field

from tuner.samplers.base import Sampler, SamplerContext
from tuner.samplers.cmaes import CmaEs
from tuner.samplers.gp import Gp
from tuner.samplers.grid import Grid
from tuner.samplers.nsga2 import Nsga2
from tuner.samplers.own import OwnSampler
from tuner.samplers.quasi_random import QuasiRandom
from tuner.samplers.random import Random
from tuner.samplers.tpe import Tpe

SamplerConfig = Annotated[
    Tpe | Random | Grid | QuasiRandom | Gp | CmaEs | Nsga2 | OwnSampler, Field(discriminator="type")
]

__all__ = [
    "CmaEs",
    "Gp",
    "Grid",
    "Nsga2",
    "OwnSampler",
    "QuasiRandom",
    "Random",
    "Sampler",
    "SamplerConfig",
    "SamplerContext",
    "Tpe",
]
