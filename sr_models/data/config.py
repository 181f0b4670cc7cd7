"""What to train on: the source of the images and how a pyramid is made of each."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sr_models.data.degradation import DegradationConfig
from sr_models.data.resample import Resample
from sr_models.data.sources import PairedSource, SampleSource, Source
from sr_models.frozen import FrozenConfig
from sr_models.scales import SCALES, Output

Fraction = Annotated[float, Field(gt=0, lt=1)]

_DEFAULT_SOURCE = SampleSource()


class PatchSettings(FrozenConfig):
    """Training on patches, validation on whole images, as in papers."""

    steps: int = Field(1000, ge=1, le=10_000_000)
    """Steps in an epoch, however many photographs there are."""

    per_image: int = Field(4, ge=1, le=1024)
    """Patches cut from each photograph that is read; they are in the same batch."""

    x2_share: float = Field(0.25, ge=0, le=1)
    """Fraction of the batches in which `mid` is the unscaled photograph: `x` is shrunk to half, and
    only `mid` is trained. In the other batches `mid` is a shrunk photograph, and so sharper than
    any real photograph. A network that predicts only `large` has no use for it."""


class DataConfig(FrozenConfig):
    """Which images, at which sizes, and which of them are held back for validation."""

    source: Source = _DEFAULT_SOURCE
    """The images, if they are all in the same place; `train` is another name for it."""
    train: Source | None = None
    """The images to train on; `validation` is then a place too, or a fraction of these."""
    size: int = Field(72, ge=8, le=1024)
    """Side of the square `x` in pixels; `mid` is twice and `large` four times as wide."""
    resize: Literal["squash", "crop"] = "squash"
    """`squash` makes squares of whole images, as the report does; `crop` cuts patches from them
    and keeps their aspect ratio: random ones with flips and rotations in training, the centre in
    validation. `crop` skips images that are narrower or lower than `large`."""
    patches: PatchSettings | None = None
    """Instead of `resize`: an epoch is a number of steps on random patches with flips and
    rotations, and validation is on whole images as papers score them (see docs/data.md)."""
    resample: Resample = "bicubic"
    """`nearest`, `bilinear`, `bicubic` and `lanczos` as Pillow makes them; `antialiased` is the
    bicubic of MATLAB's imresize, which most papers use, and by which whole images validate."""
    degradation: DegradationConfig | None = None
    """How `x` of a patch is degraded, drawn anew for each patch; `null`: it is only shrunk."""
    validation_degradation: DegradationConfig | None = None
    """The same for validation, drawn once for each image. `null`: the same as `degradation`. Set it
    if `degradation` is searched, because trials can be compared only on the same images."""
    validation: Fraction | Source = 0.2
    """Fraction of the images that is held back for validation, or a place of such images."""
    test: Source | None = None
    """Test images, by which nothing is chosen: only `tuner.confirm` and `sr_models.evaluate` use
    them."""
    limit: int | None = Field(None, ge=2)
    """Use only this many images: the first usable ones in an order shuffled by `split_seed`."""
    split_seed: int = Field(0, ge=0)
    """Decides which images are held back; the same for all trials of a comparison."""

    @model_validator(mode="after")
    def one_place_trains(self) -> "DataConfig":
        """Check that only one of the names `train` and `source` is used."""
        if self.train is not None and self.source != _DEFAULT_SOURCE:
            raise ValueError("data.train and data.source both name the images to train on")
        return self

    @model_validator(mode="after")
    def a_limit_needs_one_place(self) -> "DataConfig":
        """Check that `limit` is used with a single place: otherwise it would be unclear what it
        counts."""
        if self.limit is not None and not isinstance(self.validation, float):
            raise ValueError(
                "data.limit needs a single place of images, but data.validation is another"
            )
        return self

    @model_validator(mode="after")
    def pairs_and_degradations_come_in_patches(self) -> "DataConfig":
        """Check that pairs and degradations are used with patches: squares have neither."""
        paired = [isinstance(source, PairedSource) for source in self.places]
        if self.patches is None:
            if any(paired):
                raise ValueError("paired images are trained on in patches: set data.patches")
            if self.degradation or self.validation_degradation:
                raise ValueError("only patches are degraded: set data.patches")
        if isinstance(self.images, PairedSource) and self.degradation:
            raise ValueError("data.degradation: pairs have their low resolution already")
        return self

    @property
    def images(self) -> Source:
        """The place of the images that train, and of which a fraction may validate."""
        return self.source if self.train is None else self.train

    @property
    def places(self) -> tuple[Source, ...]:
        """All places that training reads."""
        return (
            (self.images,)
            if isinstance(self.validation, float)
            else (
                self.images,
                self.validation,
            )
        )

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The outputs that can be trained and validated."""
        found = [place.outputs for place in self.places if isinstance(place, PairedSource)]
        return tuple(output for output in SCALES if all(output in some for some in found))

    @property
    def validated_degradation(self) -> DegradationConfig | None:
        """The degradation in validation."""
        return self.validation_degradation or self.degradation

    @property
    def sides(self) -> tuple[int, int, int]:
        """Sides of x, mid and large in pixels."""
        return self.size, 2 * self.size, 4 * self.size
