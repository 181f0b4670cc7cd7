"""What docs/CONTRIBUTING.md tells works as it stands, in one new file and one line each."""

import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.tuner.core.test_suggester import TestEverySampler as EverySampler

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "CONTRIBUTING.md").read_text(encoding="utf-8")

STUDY = """
study: mine
objective:
  data: {source: {type: sample}, limit: 6, size: 8}
  network: {type: mine, channels: 4}
  training: {max_epochs: 1, pictures: 0}
search:
  network.channels: {low: 4, high: 8}
metric: validation/edges
sampler: {type: halton}
scheduler: {type: none}
budget: {trials: 2}
"""

SEARCH = """
import sys
from pathlib import Path
from typing import Any
from tuner.config import load_study
from tuner.executors.simulation import SimulatedClock, simulate
from tuner.lifecycle.build import build_study
from tuner.lifecycle.create import check_data, create_study

config = load_study(Path("mine.yaml"))
Path("results").mkdir()
with create_study(config, Path("results"), []) as records:
    prepared = config.objective.prepare(config.objective_config, Path("results"), lambda *_: None)
    check_data(records, prepared, force=False)
    clock = SimulatedClock()
    simulate(build_study(config, records, workers=1, clock=clock), clock)
"""


def recipes() -> dict[str, str]:
    """The new files, by their path."""
    blocks = re.findall(r"```python\n# (\S+\.py)\n(.*?)```", TEXT, re.DOTALL)
    return dict(blocks)


def registries() -> list[tuple[str, str, str]]:
    """File, name, and union: what is to be imported where, and put into what."""
    found = re.findall(
        r"import it in `(\S+\.py)`, and put `(\w+)` into the (?:union|tuple)\s+`(\w+)`", TEXT
    )
    assert len(found) == len(recipes())
    return found


def changed(root: Path, package: str) -> dict[str, int]:
    """Lines that were added to each Python file of a package, none being taken away."""
    found = {}
    for file in sorted((root / package).rglob("*.py")):
        path = str(file.relative_to(root))
        before = (ROOT / path).read_text().splitlines() if (ROOT / path).is_file() else []
        after = file.read_text().splitlines()
        if before != after:
            found[path] = len(after) - len(before)
    return found


@pytest.fixture(scope="module")
def contributed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which everything that the text tells has been done."""
    root = tmp_path_factory.mktemp("contributed")
    for package in ("sr_models", "tuner"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, root / package, ignore=ignored)
    for (path, code), (registry, name, union) in zip(recipes().items(), registries(), strict=True):
        (root / path).write_text(code, encoding="utf-8")
        file = root / registry
        text = file.read_text(encoding="utf-8")
        module = path.removesuffix(".py").replace("/", ".")
        text = re.sub(
            r"^(from sr_models|from tuner)",
            rf"from {module} import {name}\n\1",
            text,
            count=1,
            flags=re.M,
        )
        union_line = rf"(\b{union}\b[^=\n]*= (?:Annotated\[\s*|\())"
        separator = ", " if "tuple" in re.search(rf"\b{union}\b[^=\n]*", text)[0] else " | "
        text, count = re.subn(union_line, rf"\g<1>{name}{separator}", text, count=1)
        assert count == 1, f"{registry} has no {union}"
        file.write_text(text, encoding="utf-8")
    return root


def test_each_touches_one_file_and_a_line_of_a_union(contributed: Path) -> None:
    for package in ("sr_models", "tuner"):
        added = changed(contributed, package)
        assert set(added) == {
            path
            for path in (*recipes(), *(registry for registry, _, _ in registries()))
            if path.startswith(package)
        }
        lines = {added[registry] for registry, _, _ in registries() if registry in added}
        assert lines == {1}, "the import; the union's line has grown"


def test_a_search_with_all_of_them(contributed: Path) -> None:
    (contributed / "mine.yaml").write_text(STUDY)
    done = subprocess.run(
        [sys.executable, "-c", SEARCH],
        cwd=contributed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = [sys.executable, "-m", "tuner.report", "results", "--format", "csv"]
    table = subprocess.run(report, cwd=contributed, capture_output=True, text=True, check=False)
    assert table.returncode == 0, table.stderr
    header, bicubic, *trials = table.stdout.splitlines()
    column = header.split(",").index("validation/edges best")
    values = [float(line.split(",")[column]) for line in (bicubic, *trials)]
    assert bicubic.startswith("bicubic")
    assert all(0 < value < 1 for value in values)
    assert values[1] <= values[2], "the lowest first: it is minimised"


@pytest.mark.parametrize("name", [name for name in vars(EverySampler) if name.startswith("test_")])
def test_the_sampler_keeps_to_the_contract_of_all_samplers(name: str) -> None:
    namespace: dict[str, Any] = {}
    exec(recipes()["tuner/samplers/halton.py"], namespace)
    getattr(EverySampler(), name)(namespace["Halton"])


def test_the_variants_of_the_contract_tests_know_them(contributed: Path) -> None:
    code = (
        "from typing import get_args\n"
        "from sr_models.metrics import IMAGE_METRICS\n"
        "from sr_models.networks import NetworkConfig\n"
        "from tuner.samplers import SamplerConfig\n"
        "names = [one.__name__ for one in get_args(get_args(NetworkConfig)[0])]\n"
        "names += [one.__name__ for one in get_args(get_args(SamplerConfig)[0])]\n"
        "names += [metric.name for metric in IMAGE_METRICS]\n"
        "print(*names)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=contributed, capture_output=True, text=True, check=True
    )
    assert {"MineConfig", "Halton", "edges"} <= set(done.stdout.split())


def test_the_table_names_what_is_there() -> None:
    section = TEXT.split("## Where things are", 1)[1].split("\n## ", 1)[0]
    for folder in re.findall(r"`((?:tuner|sr_models)/[\w/]+)`", section):
        assert (ROOT / folder).exists(), folder


def test_the_unions_are_where_it_says() -> None:
    for file, _, union in registries():
        module = file.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")
        assert hasattr(importlib.import_module(module), union)
