import torch

from sr_models.training.reproducible import Reproducible

CPU = torch.device("cpu")


def draw(*seeds):
    with Reproducible(CPU, *seeds):
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


def test_a_pause_gives_the_caller_its_own_numbers_and_changes_none():
    expected = draw(1, 2)
    torch.manual_seed(5)
    others = torch.rand(4)
    torch.manual_seed(5)
    with Reproducible(CPU, 1, 2) as seeded:
        first = torch.rand(2)
        with seeded.paused():
            between = torch.rand(2)
        rest = torch.rand(2)
    assert torch.equal(torch.cat([first, rest]), expected)
    assert torch.equal(torch.cat([between, torch.rand(2)]), others)
