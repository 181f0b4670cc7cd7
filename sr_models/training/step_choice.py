"""Choosing the step for each kind of batch."""

from sr_models.data import Batch
from sr_models.data.batch import Shapes
from sr_models.training.compiled import clear_compiled
from sr_models.training.graph_step import Mode, choose_step
from sr_models.training.step import EagerStep, Step


class StepChoice:
    """Chooses a step for each shape of batches when the first of them comes.

    Data of two scales have batches of two shapes, each worth a graph; the rest at the end of an
    epoch is not.

    Args:
        mode: see `choose_step`.
        eager: the step from which all others are made.
    """

    def __init__(self, mode: Mode, eager: EagerStep) -> None:
        self._mode = mode
        self._eager = eager
        self.chosen: dict[Shapes, Step] = {}
        if mode == "compile":
            clear_compiled()

    def step_for(self, batch: Batch, *, steps: int) -> Step:
        """Return the step for batches like this, of which up to `steps` are to come."""
        if batch.shapes not in self.chosen:
            self.chosen[batch.shapes] = self._choose(batch, steps)
        return self.chosen[batch.shapes]

    def reset(self) -> None:
        """Choose again: a captured step does not see tensors that have been replaced."""
        self.chosen.clear()

    def _choose(self, batch: Batch, steps: int) -> Step:
        largest = max((shapes[0][0] for shapes in self.chosen), default=0)
        if len(batch) < largest:
            return self._eager
        return choose_step(self._mode, self._eager, batch, steps=steps)
