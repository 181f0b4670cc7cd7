"""What environment.json says of the code that a study ran on."""

import subprocess
from pathlib import Path

from tuner.lifecycle.environment import environment_changes, git_commit

WHO = ("-c", "user.name=me", "-c", "user.email=me@example.org")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *WHO, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_the_commit_and_whether_the_code_differs_from_it(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    code = tmp_path / "code.py"
    code.write_text("x = 1")
    git(tmp_path, "add", "code.py")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    commit = git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "new.txt").write_text("which git does not know")
    assert git_commit(tmp_path) == commit
    code.write_text("x = 2")
    assert git_commit(tmp_path) == f"{commit}+changes"


def test_code_that_git_does_not_know_has_no_commit(tmp_path: Path) -> None:
    assert git_commit(tmp_path) is None


def test_each_change_is_a_line_that_can_be_read() -> None:
    before = {
        "git_commit": "a" * 40,
        "python": "3.11.7",
        "cpu": "an EPYC",
        "packages": {"ray": "2.60.0", "torch": "2.14.1", "neptune": None},
    }
    after = before | {
        "git_commit": "b" * 40 + "+changes",
        "cpu": "a Xeon",
        "cores": 8,  # which the earlier environment does not tell
        "packages": {"ray": "2.60.0", "torch": "2.15.0", "neptune": "1.14.0"},
    }
    assert environment_changes(before, after) == [
        "commit of this program: aaaaaaaaaa -> bbbbbbbbbb with changes",
        "cpu: an EPYC -> a Xeon",
        "torch: 2.14.1 -> 2.15.0",
        "neptune: none -> 1.14.0",
    ]
    assert environment_changes(before, before) == []
