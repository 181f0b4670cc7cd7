"""The scale on which the report prints PSNR, and which outputs a trial is scored on.

The report's figure is the sum over the outputs of the mean of log10(1 / MSE), that is

    report = (sum over the outputs of PSNR in dB) / 10 = outputs * (mean PSNR in dB) / 10
"""

from collections.abc import Iterable, Mapping
from typing import Any

OUTPUTS = ("mid", "large")
PSNR = "validation/psnr"
SCALED = ("train/psnr", PSNR)
"""The metrics that are a mean over the outputs in dB, so that the report's scale applies."""


def report_scale(psnr: float | None, outputs: int) -> float | None:
    """PSNR in dB, mean over so many outputs, as the report would print it."""
    return None if psnr is None or outputs == 0 else outputs * psnr / 10


def trial_outputs(metrics: Iterable[str], config: Mapping[str, Any]) -> tuple[str, ...]:
    """The outputs that a trial predicts: those it was scored on, else those of its network."""
    names = set(metrics)
    if scored := tuple(name for name in OUTPUTS if f"validation/psnr_{name}" in names):
        return scored
    network = config.get("network")
    configured = network.get("outputs") if isinstance(network, Mapping) else None
    known = configured if isinstance(configured, list | tuple) else ()
    return tuple(name for name in OUTPUTS if name in known)


def bicubic_for(baseline: Mapping[str, float], outputs: Iterable[str]) -> dict[str, float]:
    """The bicubic baseline on these outputs only, its means taken over them.

    A network that predicts only `mid` is compared with bicubic upscaling to `mid`.
    """
    wanted = tuple(outputs)
    left_out = [name for name in OUTPUTS if name not in wanted]
    if not wanted or not left_out:
        return dict(baseline)
    kept = {k: v for k, v in baseline.items() if not k.endswith(tuple(f"_{n}" for n in left_out))}
    for mean in kept:
        parts = [baseline.get(f"{mean}_{name}") for name in wanted]
        known = [part for part in parts if part is not None]
        if len(known) == len(wanted):
            kept[mean] = sum(known) / len(known)
    return kept
