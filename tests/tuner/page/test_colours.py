"""The colours: readable (WCAG AA) and told apart by colour-blind eyes, in both themes."""

import itertools
import re

import numpy as np
import pytest

from tuner.page.bundle import style

STYLE = style()

# Machado, Oliveira and Fernandes (2009), full severity, on linear RGB
_VISIONS = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
}  # fmt: skip


def themes() -> dict[str, dict[str, str]]:
    blocks = re.findall(r":root(?:\[data-theme=\"(\w+)\"\])? \{(.*?)\}", STYLE, re.DOTALL)
    return {
        name or "light": dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", body))
        for name, body in blocks[:2]
    }


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    weights = np.array([0.2126, 0.7152, 0.0722])
    a, b = sorted((float(weights @ linear(one)), float(weights @ linear(other))))
    return (b + 0.05) / (a + 0.05)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Perceptual coordinates (Ottosson 2020) of linear RGB."""
    lms = np.cbrt(
        np.array([[0.41222147, 0.53633254, 0.05144599], [0.2119035, 0.68069954, 0.10739696],
                  [0.08830246, 0.28171884, 0.6299787]]) @ np.clip(rgb, 1e-6, 1)
    )  # fmt: skip
    return (
        np.array([[0.21045426, 0.79361779, -0.00407205], [1.9779985, -2.42859221, 0.45059371],
                  [0.02590404, 0.78277177, -0.80867577]]) @ lms
    )  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back"),
    [
        *itertools.product(("--text", "--muted"), ("--page", "--surface", "--sunk")),
        *itertools.product(("--accent",), ("--page", "--surface", "--sunk", "--accent-soft")),
        *itertools.product(("--text", "--muted"), ("--accent-soft", "--changed-soft")),
        *itertools.product(("--text", "--muted", "--better"), ("--better-soft",)),
        *itertools.product(("--text", "--muted", "--worse"), ("--worse-soft",)),
        *itertools.product(("--alarm", "--better", "--worse"), ("--surface", "--page")),
        ("--on-accent", "--accent"),
    ],
)
def test_text_can_be_read(theme: str, front: str, back: str) -> None:
    colours = themes()[theme]
    assert contrast(colours[front], colours[back]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("part", ["--line", "--other", *(f"--trial-{slot}" for slot in range(8))])
def test_lines_and_controls_can_be_seen(theme: str, part: str) -> None:
    colours = themes()[theme]
    assert contrast(colours[part], colours["--surface"]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("vision", _VISIONS)
def test_the_colours_of_trials_are_told_apart(theme: str, vision: str) -> None:
    colours = [themes()[theme][f"--trial-{slot}"] for slot in range(8)]
    seen = [oklab(_VISIONS[vision] @ linear(colour)) for colour in colours]
    nearest = min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2))
    assert nearest > 0.08
