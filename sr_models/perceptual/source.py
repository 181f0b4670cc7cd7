"""Which networks LPIPS and DISTS see with, and where their weights come from. Imports no torch."""

from typing import Annotated, Literal

from pydantic import AfterValidator

Backbone = Literal["alex", "vgg", "squeeze"]

IMAGENET = "imagenet"
RANDOM = "random"
SUFFIXES = (".safetensors", ".pth", ".pt")


def _known_source(weights: str) -> str:
    if weights in (IMAGENET, RANDOM) or weights.endswith(SUFFIXES):
        return weights
    raise ValueError(
        f"must be imagenet, random, or the path of a {', '.join(SUFFIXES)} file, not {weights!r}"
    )


BackboneWeights = Annotated[str, AfterValidator(_known_source)]
"""`imagenet` (torchvision's, from its cache or downloaded), the path of a file with torchvision's
`features.N.weight` and `features.N.bias`, or `random` (the same ones everywhere), which is for
trying things without a download: it measures little of what eyes see."""
