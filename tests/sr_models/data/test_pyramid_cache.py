"""The cache: whole or not at all, whatever happens to the processes and files around it."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sr_models.data import DataConfig, build, open_pyramids
from sr_models.data.cache_index import load_cache
from sr_models.errors import DataError
from sr_models.images.unusable import Unreadable

MakeFolder = Callable[..., Path]
ConfigOf = Callable[..., DataConfig]
Progress = Callable[[int, int], None]

BUILD = """
import os, sys, time
from pathlib import Path
from sr_models.data import DataConfig, build, open_pyramids

config = DataConfig.model_validate_json(sys.argv[1])
mode = sys.argv[2]
seconds = float(sys.argv[3])

def progress(done, total):
    with open(sys.argv[4], "a") as file:
        file.write(f"{os.getpid()} {done}\\n")
    time.sleep(seconds)

if mode == "no-locks":
    from sr_models import file_lock as lock
    lock._acquired = lambda lock: False
print(open_pyramids(config, progress=progress).fingerprint)
"""


def start(config: DataConfig, log: Path, mode: str = "", pause: float = 0) -> subprocess.Popen[str]:
    """A process that opens the pyramids and logs each image that it decodes."""
    arguments = [config.model_dump_json(), mode, str(pause), str(log)]
    return subprocess.Popen(
        [sys.executable, "-c", BUILD, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> str:
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return output


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def caches(cache_folder: Path) -> list[Path]:
    return [path for path in (cache_folder / "pyramids").iterdir() if path.suffix != ".lock"]


def builds(config: DataConfig) -> int:
    """How many images are decoded to open the pyramids: none from a cache."""
    calls = []
    open_pyramids(config, progress=lambda done, total: calls.append(done))
    return len(calls)


def test_a_second_opening_decodes_nothing(make_folder: MakeFolder, config_of: ConfigOf) -> None:
    config = config_of(make_folder(5))
    assert (builds(config), builds(config)) == (5, 0)


def test_the_split_needs_no_new_cache(make_folder: MakeFolder, config_of: ConfigOf) -> None:
    folder = make_folder(5)
    assert builds(config_of(folder)) == 5
    assert builds(config_of(folder, validation=0.5, split_seed=3)) == 0


@pytest.mark.parametrize(
    "setting", [{"size": 8}, {"resize": "crop"}, {"resample": "nearest"}, {"limit": 4}]
)
def test_another_setting_is_another_cache(
    make_folder: MakeFolder, config_of: ConfigOf, setting: dict[str, object]
) -> None:
    folder = make_folder(5)
    builds(config_of(folder))
    assert builds(config_of(folder, **setting)) > 0
    assert builds(config_of(folder)) == 0


@pytest.mark.parametrize("change", ["content", "time", "name", "new file", "file less"])
def test_changed_files_are_another_cache(
    make_folder: MakeFolder, config_of: ConfigOf, change: str
) -> None:
    folder = make_folder(5)
    before = open_pyramids(config_of(folder)).fingerprint
    file = folder / "2.png"
    if change == "content":
        file.write_bytes((folder / "1.png").read_bytes())
    elif change == "time":
        os.utime(file, ns=(1, 1))
    elif change == "name":
        file.rename(folder / "two.png")
    elif change == "new file":
        (folder / "5.png").write_bytes(file.read_bytes())
    else:
        file.unlink()
    assert builds(config_of(folder)) > 0
    assert (open_pyramids(config_of(folder)).fingerprint == before) == (change == "time")


@pytest.mark.parametrize("name", ["x", "mid", "large", "full", "index.json"])
@pytest.mark.parametrize("damage", ["truncated", "overwritten", "removed"])
def test_a_damaged_cache_is_rebuilt(
    make_folder: MakeFolder, config_of: ConfigOf, cache_folder: Path, name: str, damage: str
) -> None:
    config = config_of(make_folder(5), resize="crop")
    before = open_pyramids(config).fingerprint
    file = caches(cache_folder)[0] / name
    content = file.read_bytes()
    if damage == "truncated":
        file.write_bytes(content[:-9])
    elif damage == "overwritten":
        middle = len(content) // 2
        file.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    else:
        file.unlink()
    assert builds(config) == 5
    assert open_pyramids(config).fingerprint == before
    assert len(caches(cache_folder)) == 1


def test_a_copied_cache_is_used_since_its_content_is_right(
    make_folder: MakeFolder, config_of: ConfigOf, cache_folder: Path
) -> None:
    config = config_of(make_folder(5), resize="crop")
    builds(config)
    for file in caches(cache_folder)[0].iterdir():
        os.utime(file, ns=(1, 1))
    assert builds(config) == 0


def test_trials_go_on_while_a_damaged_cache_is_replaced(
    make_folder: MakeFolder, config_of: ConfigOf, cache_folder: Path
) -> None:
    config = config_of(make_folder(5))
    data = open_pyramids(config)
    before = next(data.validation_batches(1)).large
    (caches(cache_folder)[0] / "index.json").unlink()
    builds(config)
    assert next(data.validation_batches(1)).large.equal(before)


def test_two_processes_at_once_share_one_build(
    make_folder: MakeFolder, config_of: ConfigOf, cache_folder: Path, tmp_path: Path
) -> None:
    config, log = config_of(make_folder(20)), tmp_path / "log"
    processes = [start(config, log, pause=0.02) for _ in range(3)]
    fingerprints = {finished(process) for process in processes}
    assert len(fingerprints) == 1
    assert len(log.read_text().splitlines()) == 20  # only one of them has decoded
    assert len(caches(cache_folder)) == 1


def test_two_processes_at_once_where_there_are_no_locks(
    make_folder: MakeFolder, config_of: ConfigOf, cache_folder: Path, tmp_path: Path
) -> None:
    config, log = config_of(make_folder(20)), tmp_path / "log"
    processes = [start(config, log, "no-locks", pause=0.05) for _ in range(3)]
    fingerprints = {finished(process) for process in processes}
    assert len(fingerprints) == 1
    decoded = len(log.read_text().splitlines())
    assert decoded in (40, 60)  # each that began before one was done has, and one has won
    assert len(caches(cache_folder)) == 1


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_build_leaves_nothing_that_is_used(
    make_folder: MakeFolder,
    config_of: ConfigOf,
    cache_folder: Path,
    tmp_path: Path,
    how: signal.Signals,
) -> None:
    config, log = config_of(make_folder(20)), tmp_path / "log"
    process = start(config, log, pause=0.1)
    wait_for(lambda: log.exists() and len(log.read_text().splitlines()) >= 5)
    process.send_signal(how)
    process.communicate()
    assert process.returncode != 0
    leftovers = caches(cache_folder)
    assert len(leftovers) == (how == signal.SIGKILL)
    assert all(load_cache(leftover) is None for leftover in leftovers)
    assert builds(config) == 20
    assert len(caches(cache_folder)) == 1
    assert leftovers != caches(cache_folder)


def test_a_process_takes_over_from_a_killed_one(
    make_folder: MakeFolder, config_of: ConfigOf, cache_folder: Path, tmp_path: Path
) -> None:
    config = config_of(make_folder(20))
    first = start(config, tmp_path / "first", pause=0.2)
    wait_for((tmp_path / "first").exists)
    second = start(config, tmp_path / "second")
    time.sleep(0.5)
    first.kill()
    first.communicate()
    finished(second)
    assert len((tmp_path / "second").read_text().splitlines()) == 20
    assert len(caches(cache_folder)) == 1


def test_no_room_on_the_disk_is_a_clear_error(
    make_folder: MakeFolder, config_of: ConfigOf, cache_folder: Path
) -> None:
    """A limit on the size of files stands in for a full disk: a write fails half-way."""
    config = config_of(make_folder(20))
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, old[1]))
    try:
        with pytest.raises(DataError, match=r"cannot be stored in .*cache.*SR_TUNER_CACHE"):
            open_pyramids(config)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert not caches(cache_folder)
    assert builds(config) == 20


def test_a_cache_that_cannot_be_made_is_a_clear_error(
    make_folder: MakeFolder, config_of: ConfigOf, cache_folder: Path
) -> None:
    cache_folder.write_text("a file where the cache should be")
    with pytest.raises(DataError, match="cannot be stored"):
        open_pyramids(config_of(make_folder(3)))


def test_a_file_that_the_machine_cannot_read_is_not_skipped_for_ever(
    make_folder: MakeFolder,
    config_of: ConfigOf,
    cache_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = config_of(make_folder(3))

    def fail(*_: object) -> None:
        raise Unreadable("cannot be read: Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(build, "read_photograph", fail)
        with pytest.raises(DataError, match=r"0\.png: cannot be read: Input/output error"):
            open_pyramids(config)
    assert not caches(cache_folder)
    assert builds(config) == 3


def test_the_index_names_no_place_on_this_machine(
    make_folder: MakeFolder, config_of: ConfigOf, cache_folder: Path
) -> None:
    open_pyramids(config_of(make_folder(3)))
    index = json.loads((caches(cache_folder)[0] / "index.json").read_text().split("\n", 1)[1])
    assert str(cache_folder.parent) not in json.dumps(index)
