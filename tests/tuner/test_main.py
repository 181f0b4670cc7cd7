"""`sr-tuner`: every command of the project as a subcommand."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tuner.analysis.small_study import example
from tuner.__main__ import COMMANDS


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tuner", *map(str, arguments)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_help_lists_all_commands_and_imports_none() -> None:
    program = (
        "import sys\n"
        "from tuner.__main__ import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit as end:\n    assert end.code in (0, None)\n"
        "heavy = {'torch', 'ray', 'optuna', 'pandas', 'tuner.report', 'tuner.export'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stderr.strip() == "[]"
    assert all(name in result.stdout for name in COMMANDS)


def test_a_subcommand_is_the_command(tmp_path: Path) -> None:
    example(tmp_path / "s").close()
    result = run("report", tmp_path / "s", "--format", "csv")
    assert result.returncode == 0
    assert result.stdout.startswith("trial,kind,state")


def test_a_subcommands_help_is_its_own() -> None:
    result = run("report", "--help")
    assert "python -m tuner report [OPTIONS]" in result.stdout


def test_exit_codes_are_the_commands(tmp_path: Path) -> None:
    result = run("report", tmp_path)
    assert result.returncode == 2
    assert result.stderr == f"error: {tmp_path} is not a study: it holds no study.db\n"
    assert run("no-such-command").returncode == 2


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_has_help_with_an_example(name: str) -> None:
    result = run(name, "--help")
    assert result.returncode == 0, result.stderr
    assert "Example" in result.stdout
