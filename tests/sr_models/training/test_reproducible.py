import torch

from sr_models.training.reproducible import reproducible

CPU = torch.device("cpu")


def draw(*seeds):
    with reproducible(CPU, *seeds):
        return torch.rand(4)


def test_numbers_depend_on_all_seeds_and_on_nothing_else():
    first = draw(1, 2)
    torch.rand(100)
    assert torch.equal(draw(1, 2), first)
    assert not torch.equal(draw(2, 1), first)
    assert not torch.equal(draw(1, 3), first)


def test_the_callers_random_state_comes_back():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    draw(1)
    assert torch.equal(torch.rand(3), expected)
