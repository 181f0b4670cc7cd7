"""A file is written whole, or the reason is said in one line."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from sr_models.errors import UserError
from tuner.analysis.writing import check_output, check_place, write_whole


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    for content in (b"one", b"two"):
        write_whole(tmp_path / "a.json", content)
        assert (tmp_path / "a.json").read_bytes() == content
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_read_only_file_system_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a file system refuses to delete, too, even what is not there."""

    def refuse(self: Path, *_: Any, **__: Any) -> Any:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self))

    for method in ("open", "write_bytes", "unlink", "replace"):
        monkeypatch.setattr(Path, method, refuse)
    with pytest.raises(UserError) as caught:
        write_whole(tmp_path / "a.json", b"one")
    assert str(caught.value) == f"{tmp_path}/a.json cannot be written: Read-only file system"


def test_a_full_device_is_one_message() -> None:
    with pytest.raises(UserError, match=r"^/dev/full cannot be written: No space left on device$"):
        write_whole(Path("/dev/full"), b"one")


def test_a_name_that_no_file_can_have_is_one_message(tmp_path: Path) -> None:
    path = tmp_path / f"{300 * 'x'}.json"
    for look in (check_place, lambda path: check_output(path, (".json",), [tmp_path / "s"])):
        with pytest.raises(UserError, match=r"cannot be written: File name too long$"):
            look(path)
