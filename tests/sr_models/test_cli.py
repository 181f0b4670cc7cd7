"""Every command ends with the exit codes of the contract, as a real process."""

import subprocess
import sys

import pytest

from sr_models.cli import run_command

PROGRAM = """
import os, signal
from pathlib import Path
from typing import Annotated
import typer
from sr_models.cli import run_app, run_command
from sr_models.errors import DataError

def command(how: Annotated[str, typer.Argument(help="What to do.")]) -> None:
    if how == "user-error":
        raise DataError("no images in x")
    if how == "escape":
        raise DataError("no images in \\x1b[2Jx\\n  y")
    if how == "interrupt":
        os.kill(os.getpid(), signal.SIGINT)
        signal.pause()
    if how in ("SIGTERM", "SIGHUP"):
        os.kill(os.getpid(), getattr(signal, how))
        signal.pause()
    if how == "long-name":
        open("/tmp/" + 300 * "x")
    if how == "full-disk":
        Path("/dev/full").write_text("text")
    if how == "bug":
        raise RuntimeError("a bug")
    print("done")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command("first")(command)
app.command("second")(command)
"""


def run(ending: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM + ending], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("start", ["run_command(command, [{!r}])", "run_app(app, ['first', {!r}])"])
@pytest.mark.parametrize(
    ("how", "code", "error"),
    [
        ("fine", 0, ""),
        ("user-error", 2, "error: no images in x\n"),
        ("escape", 2, "error: no images in \\x1b[2Jx\n  y\n"),
        ("interrupt", 130, "interrupted\n"),
        ("SIGTERM", 143, "interrupted\n"),
        ("SIGHUP", 129, "interrupted\n"),
        ("long-name", 2, f"error: /tmp/{300 * 'x'}: File name too long\n"),
        ("full-disk", 1, "error: No space left on device\n"),
    ],
)
def test_exit_code(start: str, how: str, code: int, error: str) -> None:
    result = run(start.format(how))
    assert (result.returncode, result.stderr) == (code, error)
    assert result.stdout == ("done\n" if code == 0 else "")


def test_a_bug_keeps_its_traceback() -> None:
    result = run("run_command(command, ['bug'])")
    assert result.returncode == 1
    assert "RuntimeError: a bug" in result.stderr


def test_an_unknown_option_is_wrong_use() -> None:
    result = run("run_command(command, ['--what'])")
    assert result.returncode == 2
    assert "No such option: --what" in result.stderr


def test_paragraphs_of_the_help_are_broken_where_the_terminal_ends(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not where the source's lines end as well, which left single words."""
    monkeypatch.setenv("COLUMNS", "60")
    words = "word " * 18

    def command() -> None:
        pass

    command.__doc__ = f"Do it.\n\n    {words}\n    {words}\n    "
    with pytest.raises(SystemExit):
        run_command(command, ["--help"])
    lines = [line for line in capsys.readouterr().out.splitlines() if "word" in line]
    assert all(line.count("word") >= 10 for line in lines[:-1])
    assert sum(line.count("word") for line in lines) == 36
