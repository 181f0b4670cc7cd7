"""Params in arguments and files."""

from typing import Any

import pytest

from tuner.objectives.command.template import UnsetError, arguments, fill, names

VALUES: dict[str, Any] = {
    "lr": 1e-05, "opt": {"name": "adam", "betas": [0.9, 0.99]}, "deep": True, "none": None,
    "loss.type": "mae", "weight-decay": 0.5, "my-opt": {"my-name": "sgd"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("--lr={lr}", "--lr=1e-05"),
        ("{opt.name} and {opt.betas}", "adam and [0.9, 0.99]"),
        ("{deep} {none} {loss.type}", "true null mae"),
        ("{{lr}} is {lr}", "{lr} is 1e-05"),
        ('{"a": [1, {lr}], "b": {}}', '{"a": [1, 1e-05], "b": {}}'),
        ("--weight-decay={weight-decay} {my-opt.my-name}", "--weight-decay=0.5 sgd"),
        ("{0} {a b} {-} {a-} {-a} {a--b}", "{0} {a b} {-} {a-} {-a} {a--b}"),
    ],
)
def test_names_in_braces_are_filled_in(text: str, filled: str) -> None:
    assert fill(text, VALUES) == filled


def test_a_name_that_the_trial_does_not_have_is_an_error() -> None:
    with pytest.raises(UnsetError, match=r"opt\.decay"):
        fill("{opt.decay}", VALUES)


@pytest.mark.parametrize(
    ("command", "found"),
    [
        (["train", "--lr", "{lr}"], ["train", "--lr", "1e-05"]),
        (["train", "--momentum={momentum}", "x"], ["train", "x"]),
        (["train", "--momentum", "{momentum}", "x"], ["train", "x"]),
        (["train", "x", "{momentum}"], ["train", "x"]),
        (["train", "-1", "{momentum}"], ["train", "-1"]),
    ],
)
def test_an_argument_without_its_param_is_left_out(command: list[str], found: list[str]) -> None:
    assert arguments(command, VALUES) == found


def test_names_are_found() -> None:
    assert names(["{a} {{b}} {c.d}", "{a}", "{}"]) == ["a", "c.d"]
