"""The networks of spandrel that can be trained here. Imports neither torch nor spandrel."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Architecture:
    """A class of spandrel: its module, and its arguments for the scale and so on."""

    module: str
    """The module in `spandrel.architectures`."""
    scale: str
    """The argument that is 2 or 4."""
    fixed: Mapping[str, object] = field(default_factory=dict)
    """Arguments without a default, or whose default is not for super-resolution."""


_CHANNELS = {"num_in_ch": 3, "num_out_ch": 3}
_SHUFFLE = {"upsampler": "pixelshuffle"}

ARCHITECTURES: Mapping[str, Architecture] = {
    "ATD": Architecture("ATD", "upscale", _SHUFFLE),
    "CRAFT": Architecture("CRAFT", "upscale"),
    "Compact": Architecture("Compact", "upscale"),
    "DAT": Architecture("DAT", "upscale", {"upsampler": "pixelshuffle", "img_size": 64}),
    "DCTLSA": Architecture("DCTLSA", "upscale"),
    "DITN": Architecture("DITN", "upscale"),
    "DRCT": Architecture("DRCT", "upscale", _SHUFFLE),
    "ESRGAN": Architecture("ESRGAN", "scale"),
    "HAT": Architecture("HAT", "upscale", {"upsampler": "pixelshuffle", "window_size": 16}),
    "MoESR": Architecture("MoESR", "scale"),
    "MoSR": Architecture("MoSR", "upscale"),
    "OmniSR": Architecture("OmniSR", "up_scale"),
    "PLKSR": Architecture("PLKSR", "upscaling_factor"),
    "RCAN": Architecture("RCAN", "scale"),
    "RGT": Architecture("RGT", "upscale"),
    "RealPLKSR": Architecture("PLKSR", "upscaling_factor"),
    "SAFMN": Architecture("SAFMN", "upscaling_factor", {"dim": 36}),
    "SPAN": Architecture("SPAN", "upscale", _CHANNELS),
    "SeemoRe": Architecture("SeemoRe", "scale"),
    "SwiftSRGAN": Architecture("SwiftSRGAN", "upscale_factor"),
    "SwinIR": Architecture(
        "SwinIR", "upscale", {"upsampler": "pixelshuffledirect", "window_size": 8}
    ),
}
"""By the names of spandrel's classes. To add one, add a line."""
