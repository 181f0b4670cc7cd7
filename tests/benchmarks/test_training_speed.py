"""The benchmark of training, on its smallest case."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_it_measures_the_product_beside_the_bare_loops() -> None:
    command = [
        *(sys.executable, "benchmarks/training_speed.py", "--device", "cpu", "--threads", "1"),
        *("--rounds", "1", "--steps", "1", "--only", "16 channels"),
    ]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    header, _, row = (line.strip("| ").split(" | ") for line in result.stdout.splitlines()[-3:])
    assert header[:4] == ["images/s", "product", "bare, same precision", "bare, fp32"]
    assert row[0] == "step 4, 16 channels, batch 10, 24 px"
    assert all(float(speed) > 0 for speed in row[1:4])
    assert row[4].endswith("%")
