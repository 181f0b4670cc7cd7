"""What each metric is: which way is better, its unit, how it is printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sr_models.scales import Output

Direction = Literal["maximize", "minimize"]

OUTPUTS: tuple[Output, ...] = ("mid", "large")


@dataclass(frozen=True)
class Metric:
    """A metric's meaning, direction, unit ("" for none) and format specification."""

    meaning: str
    direction: Direction
    unit: str
    format: str

    def text(self, value: float) -> str:
        """Print a value with its unit: "28.41 dB"."""
        return f"{value:{self.format}} {self.unit}".rstrip()


def _psnr(meaning: str) -> Metric:
    return Metric(meaning, "maximize", "dB", ".2f")


METRICS: Mapping[str, Metric] = {
    "train/loss": Metric("loss in training, summed over outputs", "minimize", "", ".6f"),
    "train/psnr": _psnr("PSNR in training, mean over outputs"),
    "validation/loss": Metric("loss in validation, summed over outputs", "minimize", "", ".6f"),
    "validation/psnr": _psnr("PSNR, mean over outputs"),
    "validation/psnr_mid": _psnr("PSNR of mid (2x)"),
    "validation/psnr_large": _psnr("PSNR of large (4x)"),
    "validation/ssim": Metric("SSIM, mean over outputs", "maximize", "", ".4f"),
    "validation/ssim_mid": Metric("SSIM of mid (2x)", "maximize", "", ".4f"),
    "validation/ssim_large": Metric("SSIM of large (4x)", "maximize", "", ".4f"),
    "validation/gain": Metric("PSNR over bicubic, mean over outputs", "maximize", "dB", "+.2f"),
    "validation/report_scale": Metric(
        "the report's PSNR: sum over outputs of dB / 10", "maximize", "", ".4f"
    ),
    "validation/ms_per_image": Metric(
        "the network's time for one validation image, in fp32", "minimize", "ms", ".2f"
    ),
    "seconds": Metric("wall clock of the epoch", "minimize", "s", ".1f"),
    "parameters": Metric("weights that training changes", "minimize", "", ",.0f"),
}
