"""What is trained, and the ways to train it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """A network and its batches."""

    name: str
    network: dict[str, Any]
    size: int  # side of x in pixels
    batch_size: int
    resize: str = "squash"

    @property
    def config(self) -> dict[str, Any]:
        return {
            "network": self.network,
            "loss": {"type": "mse"},
            "training": {"batch_size": self.batch_size, "pictures": 0, "max_epochs": 1000},
        }


def step4(channels: int) -> dict[str, Any]:
    """The report's step 4."""
    return {"type": "progressive", "channels": channels}


EDSR = {"type": "edsr", "blocks": 16, "channels": 64}

GPU_CASES = (
    Case("step 4, 64 channels, batch 10, 72 px", step4(64), 72, 10),
    Case("step 4, 32 channels, batch 10, 72 px", step4(32), 72, 10),
    Case("step 4, 64 channels, batch 64, 72 px", step4(64), 72, 64),
    Case("edsr 16 x 64, batch 16, crop 48 px", EDSR, 48, 16, "crop"),
)
CPU_CASES = (
    Case("step 4, 64 channels, batch 10, 72 px", step4(64), 72, 10),
    Case("step 4, 32 channels, batch 10, 24 px", step4(32), 24, 10),
    Case("step 4, 16 channels, batch 10, 24 px", step4(16), 24, 10),
    Case("edsr 16 x 64, batch 4, crop 24 px", EDSR, 24, 4, "crop"),
)

PRODUCT, SAME, PLAIN = "product", "bare, same precision", "bare, fp32"
PRODUCT_EAGER, PRODUCT_COMPILED = "product, step: eager", "product, step: compile"
GRAPH, COMPILED, BOTH = "CUDA graph", "compiled", "compiled, in a graph"

GPU_WAYS = (PRODUCT, PRODUCT_EAGER, PRODUCT_COMPILED, SAME, PLAIN, GRAPH, COMPILED, BOTH)
CPU_WAYS = (PRODUCT, SAME, PLAIN)

PRODUCTS = {PRODUCT: "auto", PRODUCT_EAGER: "eager", PRODUCT_COMPILED: "compile"}
"""The ways of the product, and the `training.step` of each."""
