"""The networks of LPIPS and DISTS, and the source of their weights. Does not import torch."""

from typing import Annotated, Literal

from pydantic import AfterValidator

from sr_models.pretrained import known_source

Backbone = Literal["alex", "vgg", "squeeze"]

BackboneWeights = Annotated[str, AfterValidator(known_source)]
"""`imagenet` (torchvision's, from its cache or downloaded), the path of a file with torchvision's
`features.N.weight` and `features.N.bias`, or `random` (the same on every machine), for trying
things without a download: it says little about what people see."""
