"""Losses: their formulas, what they have in common, and sums."""

import math
from pathlib import Path
from typing import Any, get_args

import pytest
import torch
from pydantic import TypeAdapter, ValidationError
from safetensors.torch import save_file

from sr_models.errors import WeightsError
from sr_models.losses import LossBase, LossConfig, build_loss
from sr_models.networks.vgg16.network import Vgg16

ADAPTER: TypeAdapter[LossBase] = TypeAdapter(LossConfig)
TYPES = [member.model_fields["type"].default for member in get_args(get_args(LossConfig)[0])]
# What the defaults cannot be: no terms, or weights that must be downloaded.
NEEDED: dict[str, dict[str, Any]] = {
    "lpips": {"network": "squeeze", "weights": "random"},
    "own": {"code": "tests.sr_models.own_parts:Softened"},
    "perceptual": {"weights": "random"},
    "sum": {
        "terms": {
            "pixel": {"loss": {"type": "mae"}},
            "structure": {"weight": 0.2, "loss": {"type": "ssim"}},
        }
    },
}


def config(**settings: Any) -> LossBase:
    return ADAPTER.validate_python({**NEEDED.get(settings["type"], {}), **settings})


@pytest.fixture(params=TYPES)
def loss(request: pytest.FixtureRequest) -> torch.nn.Module:
    """Each loss in the union."""
    torch.manual_seed(0)
    return build_loss(config(type=request.param))


@pytest.fixture
def pair() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    return torch.rand(2, 3, 20, 18, generator=generator), torch.rand(
        2, 3, 20, 18, generator=generator
    )


def test_a_better_prediction_has_a_smaller_loss(loss: torch.nn.Module) -> None:
    target = torch.rand(2, 3, 20, 18)
    noise = torch.randn_like(target)
    losses = [loss(target + noise * scale, target).item() for scale in (0, 0.01, 0.1)]
    assert losses == sorted(losses)
    assert losses[0] == pytest.approx(0, abs=2e-3)
    assert losses[2] > 2 * losses[1] > 0


def test_gradients_are_finite_even_of_a_perfect_prediction(loss: torch.nn.Module) -> None:
    target = torch.rand(2, 3, 20, 18)
    noise = torch.randn_like(target)  # a constant shift has no edges
    for scale in (0.0, 0.3):
        prediction = (target + noise * scale).requires_grad_()
        loss(prediction, target).backward()
        assert prediction.grad is not None
        assert prediction.grad.isfinite().all()
    assert prediction.grad.any()


def test_a_loss_is_a_float32_scalar_under_autocast(
    loss: torch.nn.Module, pair: tuple[torch.Tensor, torch.Tensor]
) -> None:
    exact = loss(*pair)
    with torch.autocast("cpu", torch.bfloat16):
        found = loss(pair[0], pair[1])
        of_bf16 = loss(pair[0].bfloat16(), pair[1])
    for value in (exact, found, of_bf16):
        assert value.dtype == torch.float32
        assert value.shape == ()
    assert found.item() == pytest.approx(exact.item(), rel=0.02)
    assert of_bf16.item() == pytest.approx(exact.item(), rel=0.02)


def test_no_loss_has_weights_to_train(loss: torch.nn.Module) -> None:
    assert not any(weight.requires_grad for weight in loss.parameters())


def test_formulas(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    p, t = (image.double() for image in pair)
    found = {name: build_loss(config(type=name))(*pair).item() for name in ("mse", "mae")}
    assert found["mse"] == pytest.approx(((p - t) ** 2).mean().item())
    assert found["mae"] == pytest.approx((p - t).abs().mean().item())
    charbonnier = build_loss(config(type="charbonnier", epsilon=0.1))(*pair).item()
    assert charbonnier == pytest.approx(((p - t) ** 2 + 0.01).sqrt().mean().item())


def test_ssim_is_one_minus_scikit_images(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    from skimage.metrics import structural_similarity

    wanted = [
        structural_similarity(
            p.numpy(),
            t.numpy(),
            channel_axis=0,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=1,
        )
        for p, t in zip(*pair, strict=True)
    ]
    found = build_loss(config(type="ssim"))(*pair).item()
    assert found == pytest.approx(1 - sum(wanted) / len(wanted), abs=1e-5)


def test_perceptual_is_the_distance_of_features(
    tmp_path: Path, pair: tuple[torch.Tensor, torch.Tensor]
) -> None:
    extractor = Vgg16(("relu1_2", "relu2_2"), "random")
    file = tmp_path / "vgg16.safetensors"
    save_file(extractor.state_dict(), file)
    p, t = (extractor(image) for image in pair)
    wanted = sum((p[layer] - t[layer]).square().mean().item() for layer in p) / 2
    perceptual = config(type="perceptual", weights=str(file), layers=["relu1_2", "relu2_2"])
    assert build_loss(perceptual)(*pair).item() == pytest.approx(wanted, rel=1e-5)


def test_perceptual_never_falls_back_to_random_weights() -> None:
    with pytest.raises(WeightsError, match=r"there is no file nowhere\.safetensors"):
        build_loss(config(type="perceptual", weights="nowhere.safetensors"))


def test_a_sum_weighs_its_terms(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    mae, ssim = (build_loss(config(type=name))(*pair).item() for name in ("mae", "ssim"))
    found = build_loss(config(type="sum"))(*pair).item()
    assert found == pytest.approx(mae + 0.2 * ssim, rel=1e-6)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"type": "sum", "terms": {}}, "at least one term"),
        ({"type": "sum", "terms": {"a": {"weight": 0, "loss": {"type": "mae"}}}}, "greater than 0"),
        ({"type": "sum", "terms": {"a": {"loss": {"type": "sum", "terms": {}}}}}, "'sum'"),
        ({"type": "charbonnier", "epsilon": 0}, "greater than 0"),
        ({"type": "l2"}, "'l2'"),
        ({"type": "mse", "epsilon": 1}, "Extra inputs"),
    ],
)
def test_impossible_losses_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ADAPTER.validate_python(settings)


def test_ssim_of_images_smaller_than_its_window() -> None:
    value = build_loss(config(type="ssim"))(torch.rand(1, 3, 4, 6), torch.rand(1, 3, 4, 6))
    assert math.isfinite(value.item())
