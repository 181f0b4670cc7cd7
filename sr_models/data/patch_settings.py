"""How patches of photographs make an epoch."""

from pydantic import Field

from sr_models.frozen import FrozenConfig


class PatchSettings(FrozenConfig):
    """Training on patches, validation on whole images: how papers train."""

    steps: int = Field(1000, ge=1, le=10_000_000)
    """Steps in an epoch, however many photographs there are."""

    per_image: int = Field(4, ge=1, le=1024)
    """Patches cut from each photograph that is read; they are in one batch."""

    x2_share: float = Field(0.25, ge=0, le=1)
    """Share of the batches that show `mid` as photographs are: `x` is shrunk to half, and only
    `mid` is trained. In the others `mid` is a shrunk photograph, and so sharper than any real one.
    A network that predicts `large` alone has no use for it."""
