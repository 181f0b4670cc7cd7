"""The user's own network, by the name of its class or function."""

from typing import TYPE_CHECKING, Any, Literal

from sr_models.errors import CodeError
from sr_models.networks.base import NetworkBase
from sr_models.own_code import OwnPart
from sr_models.scales import SCALES

if TYPE_CHECKING:
    from torch import nn


class OwnNetworkConfig(OwnPart, NetworkBase):
    """A network that this package does not know.

    `code` takes `args` and `scale` (2 or 4), and returns a module that maps (N, 3, h, w), RGB in
    [0, 1], to (N, 3, scale h, scale w): with two outputs, two modules are trained side by side. Or
    it takes `outputs`, and returns a single module that maps to a dictionary with an image for
    each.
    """

    type: Literal["own"] = "own"

    def build(self, *, pretrained: bool) -> "nn.Module":
        """Build the network; whether pretrained weights are read is up to its code.

        Raises:
            CodeError: the code cannot be imported, or returns no such network.
        """
        from sr_models.networks.layers.own import OwnNetwork

        if self.takes("outputs"):
            network = self._module(outputs=self.outputs)
            return OwnNetwork(self.code, network, self.outputs, self.skip)
        if not self.takes("scale"):
            raise CodeError(f"{self.code} must take scale, or outputs, to know what to predict")
        networks = {output: self._module(scale=SCALES[output]) for output in self.outputs}
        return OwnNetwork(self.code, networks, self.outputs, self.skip)

    def _module(self, **more: Any) -> "nn.Module":
        from torch import nn

        made = self.call(**more)
        if not isinstance(made, nn.Module):
            raise CodeError(f"{self.code} returns {type(made).__name__}, not a torch.nn.Module")
        return made
