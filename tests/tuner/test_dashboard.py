"""The dashboard as a command."""

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from sr_models.errors import UserError
from tests.studies import write_study
from tuner.dashboard import greeting, listen


def run(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tuner.dashboard", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_help_has_an_example() -> None:
    result = run("--help")
    assert result.returncode == 0
    assert "python -m tuner.dashboard results" in result.stdout


def test_a_port_that_is_taken_is_a_clear_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run(tmp_path, "--port", str(port))
    assert result.returncode == 2
    assert f"port {port} of 127.0.0.1 is taken" in result.stderr
    assert "--port" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    result = run(tmp_path / "nothing")
    assert result.returncode == 2
    assert "is not a folder" in result.stderr


def test_an_address_of_another_machine_is_a_clear_error() -> None:
    with pytest.raises(UserError, match=r"cannot serve on 203\.0\.113\.7"):
        listen("203.0.113.7", 0)


def test_it_says_where_it_is_serves_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    write_study(tmp_path / "step4", trials=2)
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "tuner.dashboard", str(tmp_path), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:(\d+)/", first)
        assert address is not None
        assert f"ssh -L {address[1]}:127.0.0.1:{address[1]} " in process.stdout.readline()
        with urllib.request.urlopen(address[0], timeout=20) as answer:
            assert b"page-data" in answer.read()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0
    assert errors == ""


def test_serving_to_others_is_said() -> None:
    text = " ".join(greeting(Path("results"), "192.168.1.5", 8700))
    assert "ssh" not in text
    assert "Everybody who can reach this address" in text
    assert "http://[::1]:8700/" in " ".join(greeting(Path("results"), "::1", 8700))


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_bound_to_every_address_it_names_the_machine(host: str) -> None:
    assert f"http://{socket.gethostname()}:8700/" in greeting(Path("results"), host, 8700)[0]
