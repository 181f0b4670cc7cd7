"""How patches of photographs make up an epoch."""

from pydantic import Field

from sr_models.frozen import FrozenConfig


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
