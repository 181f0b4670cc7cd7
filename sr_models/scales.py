"""What super-resolution networks predict: two sizes, by name. Imports no torch."""

from collections.abc import Mapping
from typing import Literal

Output = Literal["mid", "large"]

SCALES: Mapping[Output, int] = {"mid": 2, "large": 4}
"""How many times wider and higher than `x` each output is."""
