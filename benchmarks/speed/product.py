"""The product, as a study trains with it: `TrainingRun` on photographs that it has decoded."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from speed.cases import Case

NO_BASELINE = {"validation/psnr_mid": 0.0, "validation/psnr_large": 0.0}
SPARE = 24  # pixels by which a photograph is larger than a patch


def write_photographs(folder: Path, case: Case, count: int) -> None:
    """Write made-up photographs: noise, whose pixels are as much work as any."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    side = 4 * case.size + (SPARE if case.resize == "crop" else 0)
    for number in range(count):
        pixels = random.integers(0, 256, (side, side, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:04}.bmp")


class Product:
    """Trains an epoch at a time."""

    def __init__(self, case: Case, step: str, device: str, threads: int, folder: Path) -> None:
        from sr_models.config import TrainConfig
        from sr_models.training import TrainingRun

        source = {"type": "folder", "path": str(folder)}
        data = {"source": source, "size": case.size, "resize": case.resize, "validation": 0.05}
        parts: dict[str, Any] = {**case.config, "data": data}
        parts["training"] = {**parts["training"], "device": device, "step": step}
        config = TrainConfig.model_validate(parts)
        self.run = TrainingRun(config, baseline=NO_BASELINE, threads=threads)
        self.runtime = self.run.runtime
        self._epoch = 1
        # Chooses kernels, captures the graph; all steps are to end with the same loss.
        self.loss = self.run.train(1)["train/loss"]

    def images_per_second(self) -> float:
        self._epoch += 1
        begun = self.runtime.now()
        self.run.train(self._epoch)
        return self.run.data.train_count / (self.runtime.now() - begun)
