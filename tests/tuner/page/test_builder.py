"""The file itself: whole, closed, and small."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from tests.studies import write_study
from tuner.analysis.comparison import compare
from tuner.analysis.snapshot import open_snapshot
from tuner.page import build_page
from tuner.page.bundle import SCRIPTS, SHEETS, STYLES, bundle
from tuner.page.embedded import Blocks, embedded_pictures


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_page([write_study(tmp_path_factory.mktemp("file") / "step4", trials=3)])


def test_nothing_is_fetched(html: str) -> None:
    addresses = set(re.findall(r"https?://[^\s\"'<>)]+", html))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<link[^>]+href=(?!\"data:,)", html)
    assert not re.search(r"<(script|img|iframe)[^>]+src=", html)


def test_the_policy_names_exactly_its_script_and_style(html: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    for tag, rule in (('script type="module" async', "script-src"), ("style", "style-src")):
        body = re.search(rf"<{tag}>(.*?)</{tag.split()[0]}>", html, re.DOTALL)
        assert body is not None
        digest = base64.b64encode(hashlib.sha256(body[1].encode()).digest()).decode()
        assert f"{rule} &#39;sha256-{digest}&#39;" in policy[1]
    assert "connect-src &#39;none&#39;" in policy[1]
    assert "unsafe" not in policy[1]


def test_the_page_without_data_is_small(html: str) -> None:
    data = html.split('id="page-data">')[1].split("</script>", maxsplit=1)[0]
    assert len(html) - len(data) < 350_000


def test_every_module_is_in_the_bundle_once() -> None:
    script = bundle()
    for module in SCRIPTS.glob("*.js"):
        assert script.count(f"const {module.stem}_js = (() => {{") == 1, module.name
    assert not re.search(r"^(import|export) ", script, re.MULTILINE)


def test_every_sheet_is_in_the_style() -> None:
    assert sorted(path.stem for path in STYLES.iterdir()) == sorted(SHEETS)


def test_modules_and_sheets_are_small_enough_to_read() -> None:
    files = [*SCRIPTS.iterdir(), *STYLES.iterdir()]
    lengths = {path.name: len(path.read_text().splitlines()) for path in files}
    assert max(lengths.values()) <= 320, lengths


def test_modules_that_import_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\nexport const a = 1;\n')
    (tmp_path / "b.js").write_text('import { a } from "./a.js";\nexport const b = 2;\n')
    with pytest.raises(AssertionError, match=r"a\.js imports itself"):
        bundle("a.js", tmp_path)


def test_the_last_pictures_of_all_trials_are_kept_and_others_within_a_budget(
    tmp_path: Path,
) -> None:
    folder = write_study(
        tmp_path / "s", trials=20, failures=False, pictures=1, picture_sizes=(24, 48)
    )
    snapshot = open_snapshot(folder)
    blocks = Blocks("p")
    whole = embedded_pictures(snapshot, blocks)
    assert (len(whole["trials"]), whole["left_out"]) == (20, 0)
    size = sum(path.stat().st_size for path in (folder / "pictures").glob("*.png"))
    tight = embedded_pictures(snapshot, Blocks("p"), budget=size + 9000)
    assert len(tight["trials"]) == 20
    # of every trial the last epoch
    last = {number: epochs[-1]["epoch"] for number, epochs in whole["trials"].items()}
    assert {n: epochs[-1]["epoch"] for n, epochs in tight["trials"].items()} == last
    assert sum(map(len, tight["trials"].values())) < sum(map(len, whole["trials"].values()))
    few = embedded_pictures(snapshot, Blocks("p"), budget=0, last=size + 5000)
    assert 0 < len(few["trials"]) < 20
    assert few["left_out"] == 20 - len(few["trials"])
    best = next(iter(few["trials"]))
    assert best == compare(snapshot).rows[0].number
    assert embedded_pictures(snapshot, Blocks("p"), last=0)["trials"] == {}


def test_pictures_stand_beside_the_document_and_can_be_found(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "s", trials=3, pictures=1, picture_sizes=(24, 48))
    html = build_page([folder])
    document = html.split('id="page-data">')[1].split("</script>")[0]
    assert "data:image" not in document
    pictures = json.loads(document)["studies"]["s"]["pictures"]
    sources = [
        *pictures["images"][0]["files"].values(),
        *pictures["trials"]["0"][-1]["files"]["0"].values(),
    ]
    assert len(sources) == 7
    for source in sources:
        block, name = source.removeprefix("#").split("/", 1)
        text = html.split(f'<script type="application/json" id="{block}">')[1].split("<")[0]
        assert json.loads(text)[name].startswith("data:image/")
