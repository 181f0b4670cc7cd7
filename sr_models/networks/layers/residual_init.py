"""How much a residual block adds initially. Importing this module does not import torch."""

from typing import Annotated

from pydantic import Field

START = 0.1
"""The initial deviation of what a residual block adds, so that a stack starts near the identity.

Zhang et al. 2019, "Fixup Initialization".
"""

ResidualInit = Annotated[float, Field(ge=0, le=1)]
"""The initial deviation of what a block adds, for an input whose deviation is 1.

It scales the initial weights of the last convolution of each block. 0 makes them zero, so that the
network starts as if it had no blocks: Goyal et al. 2017, "Accurate, Large Minibatch SGD", section
5.1; torchvision's `zero_init_residual`.
"""
