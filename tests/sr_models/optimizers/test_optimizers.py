from typing import get_args

import pytest
import torch
from torch import nn

from sr_models.errors import CodeError
from sr_models.optimizers import (
    AdamConfig,
    AdamWConfig,
    LionConfig,
    OptimizerConfig,
    OwnOptimizerConfig,
    build_optimizer,
)

VARIANTS = get_args(get_args(OptimizerConfig)[0])
NEEDED = {OwnOptimizerConfig: {"code": "tests.sr_models.own_parts:Plain"}}


@pytest.mark.parametrize("variant", [AdamConfig, AdamWConfig])
def test_settings_arrive(variant):
    config = variant(learning_rate=0.03, betas=(0.8, 0.95), weight_decay=0.1, epsilon=1e-6)
    (group,) = build_optimizer(config, nn.Linear(2, 2).parameters()).param_groups
    arrived = {name: group[name] for name in ("lr", "betas", "weight_decay", "eps")}
    assert arrived == {"lr": 0.03, "betas": (0.8, 0.95), "weight_decay": 0.1, "eps": 1e-6}


@pytest.mark.parametrize("variant", VARIANTS)
def test_frozen_weights_are_left_out(variant):
    network = nn.Sequential(nn.Linear(2, 2).requires_grad_(False), nn.Linear(2, 1))
    (group,) = build_optimizer(
        variant(**NEEDED.get(variant, {})), network.parameters()
    ).param_groups
    assert [weight.shape for weight in group["params"]] == [(1, 2), (1,)]


def test_only_adamw_decays_weights_that_have_no_gradient():
    def after_a_step(config):
        weight = nn.Parameter(torch.ones(1))
        weight.grad = torch.zeros(1)
        build_optimizer(config, [weight]).step()
        return weight.item()

    assert after_a_step(AdamWConfig(learning_rate=0.1, weight_decay=0.5)) == pytest.approx(0.95)
    # Adam takes the decay for a gradient, and makes a full step of it.
    assert after_a_step(AdamConfig(learning_rate=0.1, weight_decay=0.5)) == pytest.approx(0.9)


def test_one_of_ones_own_takes_the_learning_rate_and_its_arguments():
    config = OwnOptimizerConfig(
        learning_rate=0.2, code="torch.optim:SGD", args={"momentum": 0.5, "nesterov": True}
    )
    optimizer = build_optimizer(config, nn.Linear(2, 2).parameters())
    (group,) = optimizer.param_groups
    assert (type(optimizer), group["lr"], group["momentum"]) == (torch.optim.SGD, 0.2, 0.5)


@pytest.mark.parametrize(
    ("code", "args", "message"),
    [
        (
            "torch.optim:SGD",
            {"momentun": 1},
            "torch.optim:SGD cannot be built with args .*momentun",
        ),
        ("torch.optim:SDG", {}, "torch.optim has no SDG; did you mean SGD"),
        ("tests.sr_models.own_parts:power", {}, "cannot be built with args"),
        ("torch.optim:LBFGS", {}, r"its step cannot be called without arguments .*closure"),
    ],
)
def test_what_makes_no_optimizer_is_told(code, args, message):
    config = OwnOptimizerConfig(code=code, args=args)
    with pytest.raises(CodeError, match=message):
        build_optimizer(config, nn.Linear(2, 2).parameters())


def test_a_network_without_weights_is_told():
    for network in (nn.Upsample(scale_factor=2), nn.Linear(2, 2).requires_grad_(False)):
        with pytest.raises(CodeError, match="no weights to train"):
            build_optimizer(AdamConfig(), network.parameters())


def test_lion_moves_every_weight_by_the_learning_rate():
    weight = nn.Parameter(torch.tensor([1.0, 1.0, -1.0]))
    weight.grad = torch.tensor([5.0, -1e-4, 0.3])
    build_optimizer(LionConfig(learning_rate=0.01), [weight]).step()
    assert weight.tolist() == pytest.approx([0.99, 1.01, -1.01])


def test_lion_shrinks_weights_by_a_share_of_themselves():
    weight = nn.Parameter(torch.ones(1))
    weight.grad = torch.zeros(1)
    build_optimizer(LionConfig(learning_rate=0.1, weight_decay=0.5), [weight]).step()
    assert weight.item() == pytest.approx(0.95)
