import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

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
        average.advance()
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
    average.advance()
    average.update()
    assert average.network[1].running_mean.item() == 7.0
    assert torch.equal(average.network[0].weight, network[0].weight)
    assert not any(weight.requires_grad for weight in average.network.parameters())


def test_the_average_is_that_of_pytorchs_averaged_model():
    def average_into(averages, weights, seen):
        decay = min(0.9, float(seen / (9 + seen)))
        for average, weight in zip(averages, weights, strict=True):
            average.lerp_(weight, 1 - decay)

    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    ours = follow(network, 0.9)
    theirs = AveragedModel(network, multi_avg_fn=average_into)
    theirs.n_averaged.fill_(1)  # it would replace the start by the first weights
    optimizer = torch.optim.Adam(network.parameters(), lr=0.1)
    for _ in range(20):
        optimizer.zero_grad()
        network(torch.rand(5, 3)).square().mean().backward()
        optimizer.step()
        ours.advance()
        ours.update()
        theirs.update_parameters(network)
    for name, value in theirs.module.state_dict().items():
        torch.testing.assert_close(ours.network.state_dict()[name], value, rtol=0, atol=1e-7)
