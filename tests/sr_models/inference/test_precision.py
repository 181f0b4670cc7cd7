"""Half the bits where they hold, and what is said where they do not."""

import logging

import pytest
import torch
from torch import Tensor, nn

from sr_models.errors import WeightsError
from sr_models.inference.precision import InPrecision, Precision
from sr_models.inference.upscaler import Upscaler
from sr_models.networks import EspcnConfig, build_network

CPU = torch.device("cpu")


class Loud(nn.Module):
    """Bicubic-like identity whose features grow to `height` on the way."""

    def __init__(self, height: float) -> None:
        super().__init__()
        self.up = nn.Conv2d(3, 3, 1, bias=False)
        self.down = nn.Conv2d(3, 3, 1, bias=False)
        for layer, factor in ((self.up, height), (self.down, 1 / height)):
            layer.weight.data = factor * torch.eye(3)[:, :, None, None]

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        image = self.down(self.up(x)).float()
        return {"mid": image.repeat_interleave(2, -1).repeat_interleave(2, -2)}


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_the_bits_predict_nearly_the_same(precision: Precision) -> None:
    torch.manual_seed(0)
    network = build_network(EspcnConfig(channels=8, skip="bicubic")).eval()
    x = torch.rand(3, 20, 20)
    exact = Upscaler(network, "mid", CPU).enlarge(x)
    found = Upscaler(network, "mid", CPU, precision).enlarge(x)
    assert found.dtype == torch.float32
    assert 0 < (found - exact).abs().max() < 0.01


def test_an_overflow_is_predicted_again_in_fp32_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    x = torch.rand(3, 40, 40)
    upscaler = Upscaler(Loud(1e6), "mid", CPU, "fp16")
    with caplog.at_level(logging.WARNING):
        found = upscaler.enlarge(x)
        upscaler.enlarge(x)
    wanted = x.repeat_interleave(2, -1).repeat_interleave(2, -2)
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=0)
    assert [record.getMessage() for record in caplog.records] == [
        "fp16 cannot represent what this model computes: predicting in fp32 instead"
    ]


def test_what_holds_is_not_predicted_twice(caplog: pytest.LogCaptureFixture) -> None:
    network = InPrecision(Loud(100), "fp16")
    with caplog.at_level(logging.WARNING):
        network(torch.rand(1, 3, 8, 8))
    assert network.precision == "fp16"
    assert not caplog.records


def test_bad_weights_are_an_error_not_a_black_image() -> None:
    network = Loud(1.0)
    with torch.no_grad():
        network.up.weight.fill_(torch.inf)
    with pytest.raises(WeightsError, match="not finite"):
        InPrecision(network, "bf16")(torch.rand(1, 3, 8, 8))
