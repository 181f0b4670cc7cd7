import pytest
import torch
from torch import nn

from sr_models.training.ema import follow


def with_weights(value):
    network = nn.Linear(1, 1, bias=False)
    nn.init.constant_(network.weight, value)
    return network


def test_without_a_decay_the_network_is_its_own_average():
    network = with_weights(1.0)
    assert follow(network, None).network is network


def test_the_average_follows_the_formula():
    network = with_weights(0.0)
    average = follow(network, 0.2)
    expected = 0.0
    for step, value in enumerate([1.0, 2.0, 3.0, 4.0]):
        nn.init.constant_(network.weight, value)
        average.update()
        decay = min(0.2, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * value
    assert average.network.weight.item() == pytest.approx(expected)
    assert network.weight.item() == 4.0


def test_what_is_not_trained_is_copied():
    network = nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1))
    network[0].requires_grad_(False)
    average = follow(network, 0.9)
    network[1].running_mean.fill_(7.0)
    average.update()
    assert average.network[1].running_mean.item() == 7.0
    assert torch.equal(average.network[0].weight, network[0].weight)
    assert not any(weight.requires_grad for weight in average.network.parameters())
