"""environment.json: what a study ran on, so that its results can be judged and reproduced."""

import json
import platform
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from sr_models.cpus import usable_cpus

FILE_NAME = "environment.json"
PACKAGES = (
    "sr-tuner",
    "ray",
    "optuna",
    "torch",
    "torchvision",
    "numpy",
    "pillow",
    "pandas",
    "pydantic",
)


def describe_environment(**more: Any) -> dict[str, Any]:
    """Return versions, git commit and hardware; `more` is added as it is."""
    return {
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "git_commit": git_commit(),
        "platform": platform.platform(),
        "cpu": _cpu(),
        "cores": usable_cpus(),
        "memory_bytes": psutil.virtual_memory().total,
        "gpus": _gpus(),
        **more,
    }


def write_environment(folder: Path, environment: dict[str, Any]) -> None:
    """Write environment.json into a study's folder."""
    text = json.dumps(environment, indent=2) + "\n"
    (folder / FILE_NAME).write_text(text, encoding="utf-8")


def add_machine(folder: Path, name: str, hardware: Mapping[str, Any]) -> None:
    """Add a machine that takes part in the study to its environment.json."""
    environment = read_environment(folder)
    environment.setdefault("machines", {})[name] = dict(hardware)
    write_environment(folder, environment)


def read_environment(folder: Path) -> dict[str, Any]:
    """Return the environment.json of a study; empty if there is none."""
    try:
        found = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def environment_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the differences between two environments: code, Python, hardware, packages.

    Each is a line. Entries that only one of them has are left out, as earlier versions wrote fewer.
    """
    old, new = _comparable(before), _comparable(after)
    return [
        f"{name}: {old[name] or 'none'} -> {new[name] or 'none'}"
        for name in new
        if name in old and old[name] != new[name]
    ]


def _comparable(environment: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: environment[name] for name in ("python", "cpu", "cores") if name in environment}
    if "git_commit" in environment:
        commit, *more = str(environment["git_commit"] or "").split("+", 1)
        short = commit[:10] + "".join(f" with {text}" for text in more)
        found = {"commit of this program": short} | found
    packages: Mapping[str, Any] = environment.get("packages", {})
    return found | dict(packages)


@cache  # a package's metadata are long, and do not change while this process lives
def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def git_commit(here: Path = Path(__file__).parent) -> str | None:
    """Return the commit of this code, with `+changes` if the working tree differs from it."""
    status = ("status", "--porcelain=v2", "--branch", "--untracked-files=no")
    try:
        told = subprocess.run(
            ["git", "-C", str(here), *status],
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        ).stdout.splitlines()
    except (OSError, subprocess.SubprocessError):
        return None
    commit = next((line.split()[2] for line in told if line.startswith("# branch.oid")), None)
    changed = any(not line.startswith("#") for line in told)
    return f"{commit}+changes" if commit and changed else commit


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _gpus() -> list[str]:
    """The GPUs that torch sees, if torch has been imported anyway."""
    torch = sys.modules.get("torch")
    if torch is None:
        return []
    return [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
