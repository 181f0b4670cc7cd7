"""A published network, trained here."""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

from pydantic import Field, JsonValue, field_validator

from sr_models.networks.base import NetworkBase
from sr_models.networks.spandrel.architectures import ARCHITECTURES

if TYPE_CHECKING:
    from torch import nn


class SpandrelConfig(NetworkBase):
    """An architecture of spandrel with arguments of your choice, from scratch or fine-tuned.

    These networks have a single scale: with both outputs, two networks are trained side by side. A
    model file of a single network (`outputs: [mid]` or `[large]`, `skip: none`) can be read by
    spandrel, and so by chaiNNer and others.
    """

    type: Literal["spandrel"] = "spandrel"

    architecture: str = "Compact"
    """The name of spandrel's class: Compact, SPAN, ESRGAN, OmniSR, PLKSR, SwinIR and others."""

    args: dict[str, JsonValue] = Field(default_factory=dict)
    """Arguments of that class, as its authors call them; the scale is set already. A search
    reaches `network.args.NAME`."""

    pretrained: str | None = None
    """A .pth or .safetensors file of the architecture, with the same `args`, to start from."""

    @field_validator("architecture")
    @classmethod
    def architecture_is_known(cls, name: str) -> str:
        """Check that it enlarges images, and takes its scale as an argument."""
        if name not in ARCHITECTURES:
            meant = get_close_matches(name, ARCHITECTURES, n=1)
            hint = f"; did you mean {meant[0]}?" if meant else ""
            raise ValueError(f"must be one of {', '.join(ARCHITECTURES)}{hint}")
        return name

    def build(self, *, pretrained: bool) -> "nn.Module":
        """Build the network.

        Raises:
            WeightsError: the arguments do not make a network, or the file does not fit it.
        """
        from sr_models.networks.spandrel.network import SingleScales, build_single

        heads = {
            output: build_single(self.architecture, self.args, output) for output in self.outputs
        }
        if pretrained and self.pretrained is not None:
            from sr_models.networks.spandrel.weights import load_pretrained

            for output, head in heads.items():
                load_pretrained(head, self.pretrained, self.architecture, output)
        return SingleScales(heads, self.skip)

    def state_prefix(self) -> str:
        """Return the prefix of a single network, so that files have its authors' names."""
        return f"heads.{self.outputs[0]}.network." if len(self.outputs) == 1 else ""
