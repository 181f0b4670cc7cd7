"""Commands as a person called them."""

import shutil

import pytest

from tuner.analysis.program import program_here


@pytest.mark.parametrize(
    ("argv", "report"),
    [
        ("python -m tuner.run step4.yaml", "python -m tuner.report s"),
        (".venv/bin/python -m tuner.run step4.yaml", ".venv/bin/python -m tuner.report s"),
        ("python -X dev -m tuner.run step4.yaml", "python -m tuner.report s"),
        ("python3 -m tuner run step4.yaml", "python3 -m tuner report s"),
        (".venv/bin/python .venv/bin/sr-tuner run step4.yaml", ".venv/bin/sr-tuner report s"),
        ("/there/bin/python /there/bin/sr-tuner run step4.yaml", "sr-tuner report s"),
        ("/there/bin/python -m tuner.run step4.yaml", "python -m tuner.report s"),
        ("python search.py --lr 1", "python -m tuner.report s"),
    ],
)
def test_the_next_command_is_called_as_this_one_was(
    monkeypatch: pytest.MonkeyPatch, argv: str, report: str
) -> None:
    """By its name alone where the shell finds the same; here that has /there/bin on its path."""
    monkeypatch.setattr(shutil, "which", lambda name: f"/there/bin/{name}")
    assert program_here(argv.split()).command("tuner.report", "s") == report
