"""Which networks LPIPS and DISTS see with, and where their weights come from. Imports no torch."""

from typing import Annotated, Literal

from pydantic import AfterValidator

from sr_models.pretrained import known_source

Backbone = Literal["alex", "vgg", "squeeze"]

BackboneWeights = Annotated[str, AfterValidator(known_source)]
"""`imagenet` (torchvision's, from its cache or downloaded), the path of a file with torchvision's
`features.N.weight` and `features.N.bias`, or `random` (the same ones everywhere), which is for
trying things without a download: it measures little of what eyes see."""
