"""Notes on a study: kept whole, refused where they are odd, never lost to another writer."""

import json
import threading
from pathlib import Path

import pytest

from sr_models.errors import UserError
from tuner.records import RecordsError
from tuner.records.notes import (
    FILE_NAME,
    Notes,
    TrialNote,
    View,
    changing_notes,
    notes_stamp,
    read_notes,
)


def test_what_was_noted_is_read_again(tmp_path: Path) -> None:
    assert read_notes(tmp_path) == Notes()
    assert notes_stamp(tmp_path) == 0
    note = TrialNote(star=True, tags=("good", "größer"), text="two\nlines")
    with changing_notes(tmp_path) as change:
        change.notes = change.notes.with_trial("T004", note)
    with changing_notes(tmp_path) as change:
        change.notes = change.notes.with_views((View(name="mine", address="tab=curves"),))
    found = read_notes(tmp_path)
    assert found.trials == {"T004": note}
    assert found.views[0].address == "tab=curves"
    assert notes_stamp(tmp_path) > 0
    assert json.loads((tmp_path / FILE_NAME).read_text("utf-8"))["format"] == 1


def test_a_note_that_says_nothing_is_not_kept(tmp_path: Path) -> None:
    for note in (TrialNote(star=True), TrialNote()):
        with changing_notes(tmp_path) as change:
            change.notes = change.notes.with_trial("T1", note)
    assert read_notes(tmp_path).trials == {}


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    def write(number: int) -> None:
        with changing_notes(tmp_path) as change:
            change.notes = change.notes.with_trial(f"T{number}", TrialNote(star=True))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_notes(tmp_path).trials) == 8


@pytest.mark.parametrize("text", ["", "{", '{"format": 2}', '{"trials": {"a": {"colour": 1}}}'])
def test_what_is_no_notes_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(RecordsError, match="cannot be read as notes"):
        read_notes(tmp_path)
    with pytest.raises(RecordsError), changing_notes(tmp_path):
        pass
    assert (tmp_path / FILE_NAME).read_text() == text


def test_a_change_that_fails_leaves_the_old_notes_and_no_other_file(tmp_path: Path) -> None:
    with changing_notes(tmp_path) as change:
        change.notes = change.notes.with_trial("T1", TrialNote(text="kept"))
    with pytest.raises(ZeroDivisionError), changing_notes(tmp_path) as change:
        change.notes = Notes(format=1 // 0)
    assert read_notes(tmp_path).trials["T1"].text == "kept"
    assert {path.name for path in tmp_path.iterdir()} <= {FILE_NAME, "notes.lock"}


def test_a_folder_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(UserError), changing_notes(tmp_path / "gone"):
        pass
