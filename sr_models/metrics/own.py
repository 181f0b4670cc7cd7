"""The user's own metric of images, by the name of its class or function."""

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from sr_models.metrics.image_metric import ImageMetric
from sr_models.own_code import OwnPart

if TYPE_CHECKING:
    from collections.abc import Callable


class OwnMetricConfig(OwnPart):
    """A metric that this package does not know.

    `code` is a function of (prediction, target) and `args`; or a class, called with `args`, whose
    instance is such a function or module. Both images are (N, 3, H, W), RGB float32 in [0, 1]; it
    returns (N,), a score for each image, or a scalar, in which case it is called with each image
    separately.
    """

    type: Literal["own"] = "own"

    direction: Literal["maximize", "minimize"]
    """"maximize" or "minimize"."""

    label: str = ""
    """What is measured, in a few words; by default the metric's name."""

    unit: str = ""
    """Shown after its values."""

    decimals: int | None = Field(None, ge=0, le=15)
    """Digits after the point; `null`: five significant digits."""

    per_output: bool = False
    """Whether the value of each output is a metric too, besides the mean over the outputs."""

    def described(self, name: str) -> ImageMetric:
        """Return the metric with a name; its code is imported when it first scores images."""
        return ImageMetric(
            name,
            _Imported(self),
            self.direction,
            self.label or name.replace("_", " "),
            self.unit,
            self.decimals,
            self.per_output,
        )

    def build(self) -> "Callable[[Any, Any], Any]":
        """Import the code, and call it if it is a class.

        Raises:
            CodeError: it cannot be imported, does not take the arguments, or cannot be called.
        """
        from torch import nn

        from sr_models.errors import CodeError

        found = self.load()
        made = self.call() if inspect.isclass(found) else partial(found, **self.args)
        if not callable(made):
            raise CodeError(f"{self.code} returns {type(made).__name__}, which cannot be called")
        return made.eval() if isinstance(made, nn.Module) else made


class _Imported:
    """Scores with code that is imported once, when it is first needed."""

    def __init__(self, config: OwnMetricConfig) -> None:
        self._config = config
        self._score: Any = None

    def __call__(self, prediction: Any, target: Any) -> Any:
        from sr_models.metrics.own_scores import own_scores

        if self._score is None:
            self._score = self._config.build()
        return own_scores(self._config.code, self._score, prediction, target)
