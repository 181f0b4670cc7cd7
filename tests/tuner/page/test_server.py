"""The server: what it gives out, to whom, and what it keeps to itself."""

import json
import os
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.studies import FakeStudy, write_study
from tuner.page import build_page
from tuner.page.library import Library
from tuner.page.server import create_app, own_names


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    results = tmp_path_factory.mktemp("served")
    write_study(results / "step4", trials=6, pictures=1, picture_sizes=(24, 48))
    write_study(results / "below" / "step5", trials=3)
    (results / "secret.txt").write_text("secret")
    (results / "step4" / "secret.png").write_text("secret")
    return results


@pytest.fixture
def client(folder: Path) -> TestClient:
    return TestClient(create_app(Library(folder)), base_url="http://127.0.0.1:8700")


def test_the_page_and_its_policy(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "default-src &#39;none&#39;" in answer.text or "default-src 'none'" in answer.text
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


def test_script_style_and_data_are_those_of_the_file(client: TestClient, folder: Path) -> None:
    """So that most tests of the page need to open only one of them."""
    served, file = client.get("/").text, build_page([folder / "step4"])
    for kind in ("style", "script"):
        (one,), (other,) = (_own(kind, text) for text in (served, file))
        assert one == other
        assert len(one) > 20_000
    data = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', file)
    assert data is not None
    written = json.loads(data[1])["studies"]["step4"]
    asked = {
        kind: client.get(f"/api/{kind}", params={"key": "step4"}).json()
        for kind in ("study", "analysis")
    }
    assert written.pop("analysis") == asked["analysis"]
    del written["pictures"], written["folders"]  # asked for trial by trial
    assert written.keys() == asked["study"].keys()
    differing = {key for key, value in written.items() if value != asked["study"][key]}
    assert differing <= {"place", "commands"}  # as they are called from here


def _own(kind: str, page: str) -> list[str]:
    return re.findall(rf"<{kind}(?: type=\"module\" async)?>(.*?)</{kind}>", page, re.DOTALL)


def test_studies_here_and_one_level_below(client: TestClient) -> None:
    index = client.get("/api/changes").json()["index"]
    assert sorted(one["key"] for one in index) == ["below/step5", "step4"]
    study = client.get("/api/study", params={"key": "below/step5"}).json()
    assert len(study["trials"]) == 3


def test_a_study_itself_can_be_served(folder: Path) -> None:
    client = TestClient(create_app(Library(folder / "step4")), base_url="http://127.0.0.1")
    assert [one["key"] for one in client.get("/api/changes").json()["index"]] == ["step4"]


@pytest.mark.parametrize("host", ["127.0.0.1:8700", "localhost:1", "LOCALHOST", "[::1]:8700"])
def test_its_own_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "evil.example:8700", "10.0.0.1"]
)
@pytest.mark.parametrize("path", ["/", "/api/changes", "/picture?key=step4&file=0-x"])
def test_other_names_are_not(client: TestClient, host: str, path: str) -> None:
    answer = client.get(path, headers={"host": host})
    assert answer.status_code == 421
    assert "trial" not in answer.text


def test_bound_to_every_address_it_answers_to_addresses_but_not_to_names(folder: Path) -> None:
    assert own_names("0.0.0.0") is None
    client = TestClient(create_app(Library(folder), "0.0.0.0"), base_url="http://192.168.1.5:8700")
    assert client.get("/").status_code == 200
    assert client.get("/", headers={"host": "evil.example"}).status_code == 421


@pytest.mark.parametrize("bound", ["127.0.0.1", "0.0.0.0", "192.168.1.5"])
def test_a_name_that_was_allowed_is_answered(folder: Path, bound: str) -> None:
    app = create_app(Library(folder), bound, allowed=["Studies.example.org"])
    client = TestClient(app, base_url="http://studies.example.org:8700")
    assert client.get("/").status_code == 200
    said = {"trial": "AS-24", "note": {"star": True, "tags": [], "text": ""}}
    for origin, status in {
        "https://studies.example.org:8700": 200,
        "https://evil.example": 403,
    }.items():
        answer = client.post("/api/notes?key=step4", json=said, headers={"origin": origin})
        assert answer.status_code == status
    answer = client.get("/", headers={"host": "evil.example"})
    assert answer.status_code == 421
    assert "--allow-host" in answer.text


def test_bound_to_one_address_it_answers_to_that() -> None:
    assert own_names("192.168.1.5") == {"192.168.1.5"}
    assert own_names("127.0.0.2") >= {"127.0.0.2", "localhost"}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/api/study", "/anything"])
def test_nothing_can_be_written(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405


def test_commands_name_the_folder_that_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_study(tmp_path / "elsewhere" / "live", trials=2)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    app = create_app(Library(tmp_path / "elsewhere"))
    client = TestClient(app, base_url="http://127.0.0.1")
    commands = dict(client.get("/api/study", params={"key": "live"}).json()["commands"])
    assert commands["Compare in the terminal"] == "python -m tuner.report ../elsewhere/live"


def test_pictures(client: TestClient) -> None:
    found = client.get("/api/pictures", params={"key": "step4", "trial": [0, 1, 99]}).json()
    assert [one["name"] for one in found["images"]] == ["135069.jpg"]
    assert sorted(found["trials"]) == ["0", "1"]
    epoch = found["trials"]["0"][-1]
    assert epoch["scores"]["0"]["mid"]["baseline"] == 24.5
    picture = client.get(f"/{epoch['files']['0']['large']}")
    assert picture.headers["content-type"] == "image/webp"
    assert client.get(f"/{found['images'][0]['files']['x']}").content[1:4] == b"PNG"


@pytest.mark.parametrize(
    "query",
    [
        "key=step4&file=../secret",
        "key=step4&file=../../secret.txt",
        "key=step4&file=secret",
        "key=..&file=0-x",
        "key=step4/../step4&file=0-x",
        "key=/etc&file=0-x",
        "key=step4&trial=0&epoch=1&file=../../../../../secret",
        "key=step4&trial=0&epoch=1&file=999999999999-mid",
        "key=step4&trial=-1&epoch=1&file=0-mid",
        "key=step4&trial=0&epoch=../..&file=0-mid",
        "key=step4&trial=0&file=0-mid",
        "key=&file=",
    ],
)
def test_no_other_file_is_given_out(client: TestClient, query: str) -> None:
    answer = client.get(f"/picture?{query}")
    assert answer.status_code == 404
    assert "secret" not in answer.text


@pytest.mark.parametrize("path", ["/secret.txt", "/step4/study.db", "/../secret.txt", "/static/x"])
def test_there_are_no_other_addresses(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_links_that_lead_out_of_a_study_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "private.yaml").write_text("password: hunter2")
    study = write_study(tmp_path / "results" / "s", trials=2, pictures=1, picture_sizes=(8, 16))
    (study / "study.yaml").unlink()
    (study / "study.yaml").symlink_to(outside / "private.yaml")
    (study / "environment.json").unlink()
    (study / "environment.json").symlink_to("/etc/hostname")
    (study / "pictures" / "0-x.png").unlink()
    (study / "pictures" / "0-x.png").symlink_to(outside / "private.yaml")
    trial = study / "trials" / "AS-24"
    os.rename(trial / "pictures", outside / "pictures")
    (trial / "pictures").symlink_to(outside / "pictures")
    client = TestClient(create_app(Library(study.parent)), base_url="http://127.0.0.1")
    assert "hunter2" not in client.get("/api/study?key=s").text
    assert client.get("/api/study?key=s").json()["files"] == {"yaml": None, "environment": None}
    assert client.get("/picture?key=s&file=0-x").status_code == 404
    assert client.get("/api/pictures?key=s&trial=0").json()["trials"]["0"] == []
    assert client.get("/picture?key=s&trial=0&epoch=1&file=0-mid").status_code == 404


def test_a_trial_named_as_a_path_leads_nowhere(tmp_path: Path) -> None:
    study = FakeStudy(tmp_path / "s")
    study.start("../../outside")
    study.close()
    (tmp_path / "outside" / "pictures" / "epoch-0001").mkdir(parents=True)
    (tmp_path / "outside" / "pictures" / "epoch-0001" / "0-mid.webp").write_bytes(b"private")
    client = TestClient(create_app(Library(tmp_path)), base_url="http://127.0.0.1")
    assert client.get("/picture?key=s&trial=0&epoch=1&file=0-mid").status_code == 404


def test_changes_since_a_revision(tmp_path: Path) -> None:
    study = FakeStudy(tmp_path / "s")
    trial = study.start("one")
    study.report(trial)
    client = TestClient(create_app(Library(tmp_path)), base_url="http://127.0.0.1")
    seen = client.get("/api/study?key=s").json()["revision"]
    study.report(trial)
    study.start("two")
    update = client.get(f"/api/changes?study={seen}@s").json()["updates"]["s"]
    assert [row["name"] for row in update["trials"]] == ["two"]
    assert update["epochs"]["0"]["epoch"] == [2]
    later = update["revision"]
    nothing = client.get(f"/api/changes?study={later}@s").json()["updates"]["s"]
    assert (nothing["trials"], nothing["epochs"], nothing["revision"]) == ([], {}, later)
    study.close()


@pytest.mark.parametrize("seen", ["x@s", "@s", "1@nobody", "-1@s", "99999999999999999999@s", "@"])
def test_odd_questions_get_an_answer(client: TestClient, seen: str) -> None:
    assert client.get("/api/changes", params={"study": seen}).status_code == 200


def test_damaged_and_vanished_studies_are_said_to_be(tmp_path: Path) -> None:
    whole = write_study(tmp_path / "whole", trials=2)
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "study.db").write_bytes((whole / "study.db").read_bytes()[:5000])
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "study.db").write_text("no database at all")
    client = TestClient(create_app(Library(tmp_path)), base_url="http://127.0.0.1")
    problems = {one["key"]: one["problem"] for one in client.get("/api/changes").json()["index"]}
    assert problems["whole"] is None
    assert "damaged" in problems["damaged"]
    assert "damaged" in problems["text"]
    assert client.get("/api/study?key=damaged").status_code == 503
    assert client.get("/api/analysis?key=text").status_code == 503
    assert client.get("/api/study?key=gone").status_code == 404


def test_a_client_that_takes_no_gzip_gets_plain_json(client: TestClient) -> None:
    answer = client.get("/api/study?key=step4", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert json.loads(answer.text)["key"] == "step4"


def test_analysis(client: TestClient) -> None:
    found = client.get("/api/analysis?key=step4").json()
    assert found["importance"] is None  # six trials are too few
    assert 0.9 < found["utilization"] <= 1


def test_a_slow_study_is_given_out_a_little_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page catches up by its next question, so it need not wait for what takes long."""
    monkeypatch.setattr("tuner.page.library.SLOW", -1.0)
    study = FakeStudy(tmp_path / "s")
    trial = study.start("one")
    client = TestClient(create_app(Library(tmp_path)), base_url="http://127.0.0.1")
    first = client.get("/api/study?key=s").json()
    study.report(trial)
    late = client.get("/api/study?key=s").json()
    assert late["revision"] == first["revision"]
    update = client.get(f"/api/changes?study={late['revision']}@s").json()["updates"]["s"]
    assert update["epochs"]["0"]["epoch"] == [1]
    study.close()
