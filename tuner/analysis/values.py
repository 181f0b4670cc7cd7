"""Numbers and settings as people read them, on a single line and without control characters.

`tuner/page/script/format.js` writes the same texts: tests/tuner/page/number_cases.json tests both.
Only the page uses a typographic minus sign, and a dash for missing values.
"""

import json
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from sr_models.plain_text import one_line
from tuner.objectives.metric import Metric, Scale

MISSING = "-"
_WHOLE = 1e15
"""Below this every whole number is exact; from here on, numbers are written with an exponent."""

_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)


def metric_text(metric: Metric, value: float | None) -> str:
    """Return a metric's value with as many digits as are worth reading, without its unit."""
    if value is None:
        return MISSING
    text = _rounded(value, metric.decimals)
    return f"+{text}" if metric.signed and not text.startswith("-") and float(text) > 0 else text


def unit_text(metric: Metric, value: float | None) -> str:
    """Return a metric's value with its unit: `28.41 dB`."""
    return " ".join(filter(None, [metric_text(metric, value), metric.unit]))


def difference_text(metric: Metric, value: float) -> str:
    """Return a difference between two values of a metric with its sign; `=` if there is none."""
    if value == 0:
        return "="
    return f"{'+' if value > 0 else '-'}{_rounded(abs(value), metric.decimals, 3)}"


def mean_text(metric: Metric, mean: float, deviation: float | None) -> str:
    """Return a mean with its standard deviation, in the mean's digits or two significant digits."""
    if deviation is None:
        return metric_text(metric, mean)
    in_digits = None if metric.decimals is None else fixed(deviation, metric.decimals)
    spread = in_digits if in_digits and float(in_digits) else number_text(deviation, 2)
    return f"{metric_text(metric, mean)} ± {spread}"


def scale_text(scale: Scale, value: float | None) -> str:
    """Return a value on another scale."""
    return MISSING if value is None else _rounded(value, scale.decimals)


def number_text(value: float, digits: int = 5) -> str:
    """Return a number in so many significant digits, whole numbers without a fraction."""
    size = abs(value)
    if float(value).is_integer() and size < _WHOLE:
        return f"{int(value)}"
    if not size < float("inf"):
        return f"{value}"
    rounded = Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal_from_float(float(value))
    if size < 1e-4 or size >= _WHOLE:
        return _with_exponent(rounded)
    return fixed(value, 0) if size >= 10**digits else _without_zeros(f"{rounded:f}")


def fixed(value: float, decimals: int) -> str:
    """Return a number with so many digits after the point, rounded once, halves away from zero."""
    step = Decimal(1).scaleb(-decimals)
    text = f"{Decimal(value).quantize(step, context=_EXACT):f}"
    return text.removeprefix("-") if float(text) == 0 else text


def setting_text(value: Any, *, null: bool = False) -> str:
    """Return a setting as text.

    Lists become `[0.9, 0.95]`, sections JSON, empty text `""`, nothing `-`.

    Args:
        value: the value of the setting.
        null: whether None is the value null, and not a missing value.
    """
    if value is None:
        return "null" if null else MISSING
    if isinstance(value, bool | dict):
        return one_line(_json_text(value))
    if isinstance(value, list | tuple):
        return f"[{', '.join(setting_text(item, null=True) for item in value)}]"
    return number_text(value) if isinstance(value, float) else one_line(str(value)) or '""'


def seconds_text(seconds: float) -> str:
    """Return a duration: `12.3 s`, `4m05s`, `2h07m`."""
    if float(tenths := fixed(seconds, 1)) < 60:
        return f"{tenths} s"
    minutes, rest = divmod(int(fixed(seconds, 0)), 60)
    return f"{minutes}m{rest:02d}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02d}m"


def epochs_text(epochs: int, planned: int | None) -> str:
    """Return how many epochs were trained: `3`, or `3 of 6` if there should have been more."""
    return f"{epochs}" if planned is None else f"{epochs} of {planned}"


def _json_text(value: Any) -> str:
    """JSON, but with numbers as everywhere else: `1` and `1e-5`, not `1.0` and `1e-05`."""
    if isinstance(value, dict):
        entries = (f"{_json_text(str(key))}: {_json_text(one)}" for key, one in value.items())
        return f"{{{', '.join(entries)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_json_text, value))}]"
    return number_text(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def _rounded(value: float, decimals: int | None, digits: int = 5) -> str:
    if decimals is None or abs(value) >= _WHOLE:
        return number_text(value, digits)
    return fixed(value, decimals)


def _with_exponent(number: Decimal) -> str:
    mantissa, _, exponent = f"{number:e}".partition("e")
    return f"{_without_zeros(mantissa)}e{int(exponent)}"


def _without_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
