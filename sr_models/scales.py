"""The outputs of super-resolution networks: two sizes, by name. Does not import torch."""

from collections.abc import Mapping
from typing import Literal

Output = Literal["mid", "large"]

SCALES: Mapping[Output, int] = {"mid": 2, "large": 4}
"""How many times wider and higher than `x` each output is."""
