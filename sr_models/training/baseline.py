"""The bicubic baseline of a data set, computed once."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from sr_models.atomic import write_atomically
from sr_models.data.paths import cache_root
from sr_models.metrics import bicubic_baseline
from sr_models.scales import Output
from sr_models.training.data import TrainingData

# Part of the name of the files: raise it when the protocol of the baseline changes.
_PROTOCOL = 2


def known_baseline(data: TrainingData) -> Mapping[str, float]:
    """Return the scores of bicubic upscaling on the validation images, computed if necessary.

    They are stored beside the decoded images, under the fingerprint of the data.
    """
    file = cache_root() / "baselines" / f"{data.validation_fingerprint}-{_PROTOCOL}.json"
    try:
        known: dict[str, float] = json.loads(file.read_text())
    except (OSError, ValueError):  # missing or incomplete: computed again
        known = bicubic_baseline(data)
        _keep(file, known)
    return known


def baseline_psnr(baseline: Mapping[str, float], outputs: tuple[Output, ...]) -> float:
    """Average the baseline's PSNR (dB) over the outputs that a network predicts."""
    return sum(baseline[f"validation/psnr_{output}"] for output in outputs) / len(outputs)


def _keep(file: Path, baseline: Mapping[str, float]) -> None:
    with suppress(OSError):  # without the cache it only takes longer
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, json.dumps(baseline).encode())
