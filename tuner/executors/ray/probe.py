"""Checking a machine from inside, before it gets its first trial.

The function is sent to the machine by value, because it must run even if this package is missing
there. So it imports only the standard library, and only inside itself.
"""

from typing import Any


def look_around(nonce_file: str, nonce: str, packages: tuple[str, ...]) -> dict[str, Any]:
    """Return what a machine has, and why it cannot train.

    Args:
        nonce_file: a file that the driver has written in the results folder.
        nonce: the content of that file.
        packages: the packages whose versions matter.

    Returns:
        Entries for environment.json, and `problem`: why it cannot train, None if it can.
    """
    import hashlib
    import importlib.metadata
    import importlib.util
    import os
    import platform
    import tempfile
    from pathlib import Path

    def version(package: str) -> str | None:
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            return None

    def source(package: str) -> str:
        found = importlib.util.find_spec(package)
        digest = hashlib.sha256()
        for folder in (found.submodule_search_locations or []) if found else []:
            for file in sorted(Path(folder).rglob("*.py")):
                digest.update(str(file.relative_to(folder)).encode() + file.read_bytes())
        return digest.hexdigest()[:12]

    def sees_results() -> bool:
        try:
            return Path(nonce_file).read_text(encoding="utf-8") == nonce
        except OSError:
            return False

    def problem() -> str | None:
        try:
            if sees_results():
                Path(f"{nonce_file}.{platform.node()}.{os.getpid()}").touch()
        except OSError as error:
            folder = Path(nonce_file).parent.parent
            return f"it sees the results in {folder}, and cannot write there ({error.strerror})"
        try:
            with tempfile.TemporaryFile() as file:
                file.write(bytes(4096))
        except OSError as error:
            return f"its folder for temporary files cannot be written ({error.strerror})"
        return None

    def cpu() -> str:
        try:
            lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        except OSError:
            return platform.processor()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        return names[0] if names else platform.processor()

    return {
        "hostname": platform.node(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu": cpu(),
        "packages": {package: version(package) for package in packages},
        "source": {package: source(package) for package in ("tuner", "sr_models")},
        "sees_results": sees_results(),
        "problem": problem(),
    }


def unfit(here: dict[str, Any], there: dict[str, Any]) -> str | None:
    """Return why a machine cannot train, or why its results could not be compared; None if it can.

    Args:
        here: the result of `look_around` on the driver.
        there: the result on the machine; `problem` is removed from it.
    """
    found: str | None = there.pop("problem")
    return found or difference(here, there)


def difference(here: dict[str, Any], there: dict[str, Any]) -> str | None:
    """Return why results of a machine could not be compared with the driver's; None if they can.

    Args:
        here: the result of `look_around` on the driver.
        there: the result on the machine.
    """
    for package, version in here["packages"].items():
        other = there["packages"].get(package)
        if other != version:
            return f"it has {package} {other or 'not at all'}, and the driver {version}"
    if here["python"].rpartition(".")[0] != there["python"].rpartition(".")[0]:
        return f"it has Python {there['python']}, and the driver {here['python']}"
    if here["source"] != there["source"]:
        return "its code of sr-tuner differs from the driver's"
    return None
