"""Settings and numbers as people read them, in one line and without control characters."""

import json
from typing import Any

from sr_models.plain_text import one_line

MISSING = "-"
DECIBEL = ("psnr", "psnr_mid", "psnr_large", "gain")


def unit(metric: str) -> str | None:
    """The unit of a metric by its name: dB, s, ms, or none."""
    leaf = metric.rsplit("/", 1)[-1]
    if leaf in DECIBEL:
        return "dB"
    return {"seconds": "s", "ms_per_image": "ms"}.get(leaf)


def metric_text(metric: str, value: float | None) -> str:
    """A metric's value with as many digits as are worth reading."""
    if value is None:
        return MISSING
    leaf = metric.rsplit("/", 1)[-1]
    if leaf == "gain":
        return f"{value:+.2f}"
    if leaf in DECIBEL:
        return f"{value:.2f}"
    return f"{value:.4f}" if leaf == "ssim" else number_text(value)


def difference_text(metric: str, value: float) -> str:
    """A difference between two values of a metric, with its sign."""
    if value == 0:
        return "="
    if metric.rsplit("/", 1)[-1] in DECIBEL:
        return f"{value:+.2f}"
    return f"{value:+.2g}"


def number_text(value: float, digits: int = 5) -> str:
    """A number in so many significant digits, whole numbers whole."""
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value)}"
    return f"{value:.{digits}g}"


def setting_text(value: Any) -> str:
    """A setting: lists as `(0.9, 0.95)`, sections as JSON, nothing as `-`."""
    if value is None:
        return MISSING
    if isinstance(value, bool | dict):
        return one_line(json.dumps(value, ensure_ascii=False))
    if isinstance(value, list | tuple):
        return f"({', '.join(setting_text(item) for item in value)})"
    return number_text(value, digits=4) if isinstance(value, float) else one_line(str(value))


def seconds_text(seconds: float) -> str:
    """A length of time: `12.3 s`, `4m05s`, `2h07m`."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest:02d}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02d}m"
