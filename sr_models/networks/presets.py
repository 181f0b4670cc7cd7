"""The report's steps as members of the progressive family."""

from collections.abc import Mapping

from sr_models.networks.progressive.config import ProgressiveConfig
from sr_models.networks.progressive.features import Vgg16Features

_STEP_2 = ProgressiveConfig(
    block="conv", depth=2, activation="relu", upsampler="nearest", outputs=("mid",)
)
_STEP_3 = _STEP_2.model_copy(update={"outputs": ("mid", "large")})
_STEP_4 = _STEP_3.model_copy(update={"block": "residual"})
_STEP_5 = _STEP_4.model_copy(update={"block": "dilated", "activation": "leaky_relu"})
_STEP_6 = _STEP_5.model_copy(update={"features": Vgg16Features()})
_STEP_7 = _STEP_5.model_copy(update={"upsampler": "pixel_shuffle"})

PRESETS: Mapping[str, ProgressiveConfig] = {
    "step2": _STEP_2,
    "step3": _STEP_3,
    "step4": _STEP_4,
    "step5": _STEP_5,
    "step6": _STEP_6,
    # The report does not say whether step 7 kept VGG16; without it, it needs no weights.
    "step7": _STEP_7,
}
