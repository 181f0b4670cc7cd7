"""Notes over the dashboard: taken from its own page only, and given back."""

from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from tests.studies import write_study
from tuner.page import build_page
from tuner.page.library import Library
from tuner.page.server import LONGEST_NOTE, create_app
from tuner.page.trial_files import trial_files
from tuner.records.notes import read_notes

BASE = "http://127.0.0.1:8700"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_study(tmp_path / "s", trials=3)
    return tmp_path


def post(folder: Path, body: Any, key: str = "s", **headers: str) -> Response:
    client = TestClient(create_app(Library(folder)), base_url=BASE)
    return client.post(f"/api/notes?key={key}", json=body, headers={"Origin": BASE, **headers})


NOTE = {"trial": "AS-24", "note": {"star": True, "tags": ["a"], "text": "good"}}


def test_a_note_is_kept_and_carried_in_the_file(folder: Path) -> None:
    answer = post(folder, NOTE)
    assert answer.status_code == 200
    assert answer.json()["notes"]["trials"]["AS-24"]["text"] == "good"
    assert read_notes(folder / "s").trials["AS-24"].star
    assert '"text":"good"' in build_page([folder / "s"])
    view = {"views": [{"name": "mine", "address": "tab=curves"}]}
    assert post(folder, view).json()["notes"]["views"] == view["views"]
    assert read_notes(folder / "s").trials["AS-24"].star  # the other part stays


def test_other_pages_learn_that_something_was_noted(folder: Path) -> None:
    client = TestClient(create_app(Library(folder)), base_url=BASE)
    before = client.get("/api/changes?study=0@s").json()["notes"]["s"]
    stamp = post(folder, NOTE).json()["stamp"]
    after = client.get("/api/changes?study=0@s").json()["notes"]["s"]
    assert before == "0"
    assert after == stamp == client.get("/api/notes?key=s").json()["stamp"]


def test_a_page_that_was_given_an_older_study_finds_that_out(folder: Path) -> None:
    """The JSON of a study is kept as long as its records do not change, which notes never do."""
    client = TestClient(create_app(Library(folder)), base_url=BASE)
    client.get("/api/study?key=s")
    assert client.post("/api/notes?key=s", json=NOTE, headers={"Origin": BASE}).status_code == 200
    study = client.get("/api/study?key=s").json()
    now = client.get("/api/changes?study=0@s").json()["notes"]["s"]
    noted = "AS-24" in study["notes"]["trials"]
    assert noted or study["notes_stamp"] != now


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ],
)
def test_no_page_from_elsewhere_can_note_anything(folder: Path, headers: dict[str, str]) -> None:
    assert post(folder, NOTE, **headers).status_code == 403
    assert not (folder / "s" / "notes.json").exists()


def test_another_host_is_turned_away_first(folder: Path) -> None:
    headers = {"Host": "evil.example", "Origin": "http://evil.example"}
    assert post(folder, NOTE, **headers).status_code == 421


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"trial": "AS-24", "views": []}, 422),
        ({"trial": "AS-24", "note": {"colour": "red"}}, 422),
        ({"trial": "AS-24", "note": {"tags": ["x"] * 21}}, 422),
        ({"trial": "../../etc", "note": {}}, 404),
        ({"views": [{"name": "x" * 81, "address": ""}]}, 422),
        ({"views": [{"name": "x", "address": "x" * LONGEST_NOTE}]}, 413),
    ],
)
def test_odd_notes_are_refused(folder: Path, body: Any, status: int) -> None:
    assert post(folder, body).status_code == status
    assert not (folder / "s" / "notes.json").exists()


def test_a_study_that_is_not_there(folder: Path) -> None:
    assert post(folder, NOTE, key="../s").status_code == 404


def test_notes_that_cannot_be_read_are_not_written_over(folder: Path) -> None:
    (folder / "s" / "notes.json").write_text("{")
    assert post(folder, NOTE).status_code == 503
    assert (folder / "s" / "notes.json").read_text() == "{"
    assert "page-data" in build_page([folder / "s"])


def test_the_folder_of_a_trial(folder: Path) -> None:
    trial = folder / "s" / "trials" / "AS-24"
    trial.mkdir(parents=True, exist_ok=True)
    (trial / "output.txt").write_text("x" * 9000 + "the end")
    (trial / "outside").symlink_to("/etc/hostname")
    client = TestClient(create_app(Library(folder)), base_url=BASE)
    found = client.get("/api/trial?key=s&trial=0").json()
    assert ["output.txt", 9007] in found["files"]
    assert "outside" not in [name for name, _ in found["files"]]
    assert found["log"].endswith("the end")
    assert len(found["log"]) == 6000
    assert client.get("/api/trial?key=s&trial=99").json() == {}


def test_the_log_holds_what_a_terminal_would_be_left_with(folder: Path) -> None:
    trial = folder / "s" / "trials" / "AS-24"
    trial.mkdir(parents=True, exist_ok=True)
    bar = "".join(f"\r{done:4d}/4000" for done in range(1, 4001))
    (trial / "output.txt").write_bytes(f"begins\r\n{bar}\nloss 0.5\n 1%\r 2%\r".encode())
    assert trial_files(folder / "s", "AS-24")["log"] == "begins\n4000/4000\nloss 0.5\n 2%"
