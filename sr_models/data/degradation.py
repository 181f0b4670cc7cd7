"""Degradations of photographs before training: blur, resampling, noise, JPEG."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

import numpy as np
from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from sr_models.data.resample import Pixels, Resample, resize_to
from sr_models.frozen import FrozenConfig

if TYPE_CHECKING:
    from numpy.random import Generator

Value = TypeVar("Value")

ORDER = ("blur", "resample", "noise", "jpeg")
"""The order in which degradations are applied, and in which they are drawn."""


class Range(FrozenConfig):
    """A value drawn uniformly from a range."""

    low: float
    """The smallest value."""
    high: float
    """The largest value."""

    @model_validator(mode="after")
    def low_is_below_high(self) -> "Range":
        """Refuse an inverted range."""
        if self.low > self.high:
            raise ValueError(f"low {self.low:g} must not be above high {self.high:g}")
        return self


class Choice(FrozenConfig, Generic[Value]):
    """A value out of a list, each with the same probability."""

    choice: tuple[Value, ...]
    """The values."""

    @field_validator("choice")
    @classmethod
    def something_is_chosen(cls, choice: tuple[Value, ...]) -> tuple[Value, ...]:
        """Refuse an empty list; `min_length` would also report this if a value is wrong."""
        if not choice:
            raise ValueError("must not be empty")
        return choice


_VALUE, _RANGE, _CHOICE = (
    "{value}",
    "{low, high}",
    "{choice}",
)  # pydantic puts these tags into the locations of errors


def _kind(value: object) -> str:
    """The tag of the kind that the keys belong to, so that errors are about that kind only."""
    if isinstance(value, Mapping):
        return _CHOICE if "choice" in value else _RANGE
    if isinstance(value, Choice):
        return _CHOICE
    return _RANGE if isinstance(value, Range) else _VALUE


def _not_both(value: object) -> object:
    if isinstance(value, Mapping) and "choice" in value and {"low", "high"} & value.keys():
        raise ValueError("takes low and high, or choice, but not both")
    return value


_Blur = Annotated[float, Field(ge=0, le=20)]
_Noise = Annotated[float, Field(ge=0, le=255)]
_Quality = Annotated[int, Field(ge=1, le=100)]

Blur = Annotated[
    Annotated[_Blur, Tag(_VALUE)]
    | Annotated[Range, Tag(_RANGE)]
    | Annotated[Choice[_Blur], Tag(_CHOICE)],
    Discriminator(_kind),
    BeforeValidator(_not_both),
]
Noise = Annotated[
    Annotated[_Noise, Tag(_VALUE)]
    | Annotated[Range, Tag(_RANGE)]
    | Annotated[Choice[_Noise], Tag(_CHOICE)],
    Discriminator(_kind),
    BeforeValidator(_not_both),
]
Quality = Annotated[
    Annotated[_Quality | None, Tag(_VALUE)]
    | Annotated[Range, Tag(_RANGE)]
    | Annotated[Choice[_Quality], Tag(_CHOICE)],
    Discriminator(_kind),
    BeforeValidator(_not_both),
]

_MARGIN = 4
"""How many sigmas of a Gaussian are looked at."""


class DegradationConfig(FrozenConfig):
    """Blur, then resampling, then noise, then JPEG; each a value, a range or a choice.

    A range is `{low: 0.2, high: 3}`, a choice `{choice: [0, 1.5]}`; searches reach
    `data.degradation.blur.high` and the like.
    """

    blur: Blur = 0.0
    """Sigma of a Gaussian in pixels of the photograph; 0: none."""

    resample: Resample | Choice[Resample] | None = None
    """How it is shrunk, like `data.resample`; `null`: `antialiased`."""

    noise: Noise = 0.0
    """Sigma of Gaussian noise in levels of 255, in the small image; 0: none."""

    jpeg: Quality = None
    """Quality of a JPEG of the small image; `null`: none."""

    @model_validator(mode="after")
    def ranges_are_possible(self) -> "DegradationConfig":
        """Check that ranges have the same bounds as single values."""
        for name, least, most in (("blur", 0, 20), ("noise", 0, 255), ("jpeg", 1, 100)):
            value = getattr(self, name)
            if isinstance(value, Range) and not least <= value.low <= value.high <= most:
                raise ValueError(f"{name} must be between {least} and {most}")
        return self

    def _method(self, generator: "Generator") -> Resample:
        if isinstance(self.resample, Choice):
            return _of(self.resample.choice, generator)
        return self.resample or "antialiased"

    @property
    def margin(self) -> int:
        """How many pixels around a patch of a photograph influence it, a multiple of 4."""
        blur = self.blur
        if isinstance(blur, Range):
            most = blur.high
        elif isinstance(blur, Choice):
            most = max(blur.choice)
        else:
            most = blur
        return 4 * int(np.ceil((_MARGIN * most + 16) / 4))  # 16: the kernel that shrinks

    def apply(self, pixels: Pixels, scale: int, generator: "Generator") -> Pixels:
        """Degrade (height, width, 3) to its size divided by the scale, with values drawn here."""
        blur = _drawn(self.blur, generator)
        method = self._method(generator)
        noise = _drawn(self.noise, generator)
        quality = None if self.jpeg is None else round(_drawn(self.jpeg, generator))
        height, width = pixels.shape[0] // scale, pixels.shape[1] // scale
        small = resize_to(_blurred(pixels, blur), height, width, method)
        if noise:
            small = _rounded(small + generator.normal(0, noise, small.shape))
        return small if quality is None else _as_jpeg(small, quality)


Amount = float | Range | Choice[float] | int | Choice[int]


def _drawn(value: Amount, generator: "Generator") -> float:
    if isinstance(value, Range):
        return float(generator.uniform(value.low, value.high))
    if isinstance(value, Choice):
        return float(_of(value.choice, generator))
    return float(value)


def _of(values: "Sequence[Value]", generator: "Generator") -> "Value":
    return values[int(generator.integers(len(values)))]


def _blurred(pixels: Pixels, sigma: float) -> Pixels:
    if not sigma:
        return pixels
    from scipy.ndimage import gaussian_filter

    blurred = gaussian_filter(
        pixels.astype(np.float32), (sigma, sigma, 0), mode="mirror", truncate=_MARGIN
    )
    return _rounded(blurred)


def _as_jpeg(pixels: Pixels, quality: int) -> Pixels:
    from PIL import Image

    content = BytesIO()
    Image.fromarray(pixels).save(content, "JPEG", quality=quality)
    with Image.open(content) as image:
        return np.asarray(image.convert("RGB"))


def _rounded(values: "np.ndarray[tuple[int, ...], np.dtype[np.floating]]") -> Pixels:
    rounded: Pixels = np.clip(np.round(values), 0, 255).astype(np.uint8)
    return rounded
