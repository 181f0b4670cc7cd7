"""The file itself: whole, closed, and small."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from tests.studies import write_study
from tuner.analysis.snapshot import open_snapshot
from tuner.page import build_page
from tuner.page.bundle import SCRIPTS, bundle
from tuner.page.embedded import embedded_pictures


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
    for tag, rule in (('script type="module"', "script-src"), ("style", "style-src")):
        body = re.search(rf"<{tag}>(.*?)</{tag.split()[0]}>", html, re.DOTALL)
        assert body is not None
        digest = base64.b64encode(hashlib.sha256(body[1].encode()).digest()).decode()
        assert f"{rule} &#39;sha256-{digest}&#39;" in policy[1]
    assert "connect-src &#39;none&#39;" in policy[1]
    assert "unsafe" not in policy[1]


def test_the_page_without_data_is_small(html: str) -> None:
    data = html.split('id="page-data">')[1].split("</script>", maxsplit=1)[0]
    assert len(html) - len(data) < 250_000


def test_every_module_is_in_the_bundle_once() -> None:
    script = bundle()
    for module in SCRIPTS.glob("*.js"):
        assert script.count(f"const {module.stem}_js = (() => {{") == 1, module.name
    assert not re.search(r"^(import|export) ", script, re.MULTILINE)


def test_modules_are_small_enough_to_read() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in SCRIPTS.glob("*.js")}
    assert max(lengths.values()) < 460, lengths


def test_modules_that_import_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\nexport const a = 1;\n')
    (tmp_path / "b.js").write_text('import { a } from "./a.js";\nexport const b = 2;\n')
    with pytest.raises(AssertionError, match=r"a\.js imports itself"):
        bundle("a.js", tmp_path)


def test_pictures_are_kept_within_their_budget(tmp_path: Path) -> None:
    folder = write_study(
        tmp_path / "s", trials=20, failures=False, pictures=1, picture_sizes=(24, 48)
    )
    snapshot = open_snapshot(folder)
    whole = embedded_pictures(snapshot)
    assert len(whole["trials"]) == 12
    assert whole["left_out"] == 8
    assert {0, 1, 2, 3} <= set(whole["trials"])  # the baselines are among them
    size = sum(path.stat().st_size for path in (folder / "pictures").glob("*.png"))
    tight = embedded_pictures(snapshot, budget=size + 9000)
    kept = [one for epochs in tight["trials"].values() for one in epochs]
    assert 0 < len(kept) < 20
    # of every trial the last epoch first
    last = {number: epochs[-1]["epoch"] for number, epochs in whole["trials"].items()}
    assert all(epochs[-1]["epoch"] == last[number] for number, epochs in tight["trials"].items())
    assert embedded_pictures(snapshot, budget=0)["trials"] == {}
