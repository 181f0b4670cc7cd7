"""`python -m tuner.report`, as a person or a script calls it."""

import contextlib
import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sr_models.commands import Run
from tests.studies import FakeStudy, write_study
from tests.tuner.analysis.small_study import PSNR, SmallStudy, example
from tuner.analysis.comparison import compare_studies
from tuner.analysis.load import open_snapshots
from tuner.records import Records, TrialState
from tuner.report import _table


@pytest.fixture(name="run")
def _run(report: Run) -> Run:
    return report


def program(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """What a shell starts, where it is about what a process prints with."""
    return subprocess.run(
        [sys.executable, "-m", "tuner.report", *map(str, arguments)],
        capture_output=True, text=True, check=False, encoding="utf-8",
        env={**os.environ, "COLUMNS": "80", **variables},
    )  # fmt: skip


@pytest.fixture
def study(tmp_path: Path) -> Path:
    example(tmp_path / "step4").close()
    return tmp_path / "step4"


def test_a_table_by_default_whole_where_there_is_no_terminal(study: Path) -> None:
    result = program(study, "--reference", "AS-24")
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    winner = next(line for line in lines if line.startswith("T002"))
    assert winner.split() == [
        "T002", "complete", "mae*", "0.002*", "[0.9,", "0.999]", "28.50", "(+1.50)", "30.50",
        "26.50", "+2.50", "5.700", "-", "3", "30.0", "s", "0.001413",
    ]  # fmt: skip
    assert "failed   T004: NonFiniteError: loss is nan" in lines
    assert all(line == line.rstrip() for line in lines)
    assert program(study).stdout == result.stdout, (
        "the first baseline is the reference, as in `run`"
    )


def test_json(run: Run, study: Path) -> None:
    found = json.loads(run(study, "--format", "json").stdout)
    assert {"study", "metric", "baseline_bicubic", "trials"} <= set(found)
    assert found["trials"][0]["metrics"]["validation/psnr"]["best"] == 28.5


EARLIER = Path(__file__).parents[1] / "data" / "earlier_version"


@pytest.mark.parametrize("metric", ["val_cross_entropy", "test_cross_entropy", "seconds"])
def test_a_minimised_metric_shows_its_lowest_value_as_best(run: Run, metric: str) -> None:
    """In a study of version 0.1.0, which described no metrics: as JSON, CSV and table."""
    study = EARLIER / "surrogate"
    with Records.open(study) as records:
        lowest = {
            trial.name: min(epoch.metrics[metric] for epoch in records.epochs(trial.number))
            for trial in records.trials()
        }
    found = json.loads(run(study, "--format", "json").stdout)
    assert found["directions"][metric] == "minimize"
    best = {one["trial"]: one["metrics"][metric]["best"] for one in found["trials"]}
    assert best == lowest
    rows = csv.DictReader(io.StringIO(run(study, "--format", "csv").stdout))
    assert {row["trial"]: float(row[f"{metric} best"]) for row in rows} == lowest
    if metric == "seconds":
        return
    table = run(study, "--format", "markdown", "--best-of-each").stdout.splitlines()
    head = [cell.strip() for cell in table[0].split("|")]
    cells = [[cell.strip() for cell in line.split("|")] for line in table[2:5]]
    shown = {one[1]: float(one[head.index(f"{metric} min")]) for one in cells}
    assert shown == pytest.approx(lowest, rel=1e-4)


def test_a_row_is_of_one_epoch_unless_the_best_of_each_is_asked_for(
    run: Run, tmp_path: Path
) -> None:
    small = SmallStudy(tmp_path / "s")
    small.trial("a", [{PSNR: 28.0, "train/loss": 0.5}, {PSNR: 27.0, "train/loss": 0.125}])
    small.records.close()
    of_one_epoch = run(tmp_path / "s").stdout
    assert "all values at each trial's best epoch of validation/psnr" in of_one_epoch
    assert "0.125" not in of_one_epoch
    best_of_each = run(tmp_path / "s", "--best-of-each").stdout
    assert "the best value of each metric, whatever its epoch" in best_of_each
    assert "0.125" in best_of_each


def test_several_studies_as_one_table_with_a_column_for_the_study(run: Run, tmp_path: Path) -> None:
    for name in ("one", "two"):
        example(tmp_path / name).close()
    result = run(tmp_path / "one", tmp_path / "two", "--format", "csv", "--reference", "two/AS-24")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["study"] for row in rows] == ["one"] * 7 + ["two"] * 7
    assert result.returncode == 0


def test_diff_only(run: Run, tmp_path: Path) -> None:
    small = SmallStudy(tmp_path / "s")
    small.trial("a", params={"loss.type": "mse", "x": 1})
    small.trial("b", params={"loss.type": "mae", "x": 1})
    small.records.close()
    result = run(tmp_path / "s", "--format", "json", "--diff-only")
    assert [one["params"] for one in json.loads(result.stdout)["trials"]] == [
        {"loss.type": "mse"},
        {"loss.type": "mae"},
    ]


@pytest.mark.parametrize(
    ("name", "start"),
    [("a.md", "| trial |"), ("a.csv", "trial,kind"), ("a.json", "{\n"), ("a.txt", " ")],
)
def test_the_ending_of_the_output_says_the_format(
    run: Run, study: Path, name: str, start: str
) -> None:
    output = study.parent / name
    result = run(study, "--output", output)
    assert (result.returncode, result.stdout) == (0, f"wrote {output}\n")
    assert output.read_text(encoding="utf-8").startswith(start)


def test_format_goes_before_the_ending(run: Run, study: Path) -> None:
    output = study.parent / "a.md"
    run(study, "--format", "json", "--output", output)
    json.loads(output.read_text())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{0}/nope"], "error: there is no study {0}/nope; {0} holds {0}/step4\n"),
        (["{0}/step4", "--reference", "AS24"],
         "error: step4 has no trial 'AS24'; did you mean 'AS-24'?\n"),
        (["{0}/step4", "--output", "{0}/no/a.md"],
         "error: {0}/no/a.md cannot be written: there is no folder {0}/no\n"),
        (["{0}/step4", "--output", "{0}"], "error: {0} is a folder; name a file\n"),
        (["{0}/step4", "--format", "json", "--output", "/proc/a.json"],
         "error: /proc/a.json cannot be written: No such file or directory\n"),
    ],
)  # fmt: skip
def test_wrong_use_is_one_message(
    run: Run, study: Path, arguments: list[str], message: str
) -> None:
    result = run(*(one.format(study.parent) for one in arguments))
    assert result.returncode == 2
    assert result.stderr == message.format(study.parent)
    assert result.stdout == ""


def test_an_unknown_format_is_wrong_use(run: Run, study: Path) -> None:
    result = run(study, "--format", "xml")
    assert result.returncode == 2
    assert "xml" in result.stderr


def test_a_damaged_study_is_one_message(study: Path) -> None:
    (study / "study.db").write_bytes(b"SQLite format 3\x00" + b"rubbish" * 500)
    result = program(study)
    assert result.returncode == 2
    assert result.stderr.startswith(f"error: {study}/study.db: is damaged or not a study")
    assert "Traceback" not in result.stderr


def test_names_that_break_tables_and_terminals(tmp_path: Path) -> None:
    write_study(tmp_path / "s", trials=8, epochs=3, hostile=True)
    for form in ("table", "markdown", "csv", "json"):
        result = program(tmp_path / "s", "--format", form, PYTHONIOENCODING="ascii", LC_ALL="C")
        assert (result.returncode, result.stderr) == (0, "")
        assert "שלום" in result.stdout


@pytest.mark.parametrize("form", ["csv", "json"])
def test_data_on_a_terminal_cannot_steer_it(tmp_path: Path, form: str) -> None:
    small = SmallStudy(tmp_path / "s")
    small.trial("a", [], TrialState.FAILED, error="no \x1b[2J\x9b31m", params={"x": "\x1b]0;t\x07"})
    small.records.close()
    main, side = os.openpty()
    command = [sys.executable, "-m", "tuner.report", str(tmp_path / "s"), "--format", form]
    process = subprocess.Popen(command, stdout=side)
    os.close(side)
    shown = b""
    with contextlib.suppress(OSError):  # the end of a terminal that nobody holds any more
        while part := os.read(main, 65536):
            shown += part
    os.close(main)
    assert process.wait() == 0
    text = shown.decode()
    assert "\\x1b[2J" in text.replace("\\u001b", "\\x1b")
    assert not set(text) & {"\x1b", "\x07", "\x9b"}


@pytest.mark.parametrize("form", ["table", "markdown", "csv", "json"])
def test_a_study_without_trials(run: Run, tmp_path: Path, form: str) -> None:
    SmallStudy(tmp_path / "s").records.close()
    result = run(tmp_path / "s", "--format", form)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout


def test_a_running_study_is_not_disturbed(run: Run, tmp_path: Path) -> None:
    fake = FakeStudy(tmp_path / "s")
    trial = fake.start("live")
    fake.report(trial)
    with fake.records.transaction():
        fake.report(trial)
        result = run(tmp_path / "s", "--format", "json")
    fake.report(trial)
    assert result.returncode == 0
    [found] = json.loads(result.stdout)["trials"]
    assert (found["trial"], found["state"], found["epochs"]) == ("live", "running", 1)


def test_nothing_heavy_is_imported(study: Path) -> None:
    """So that a report answers at once."""
    program = (
        "import sys\n"
        "from tuner.report import report\n"
        "from pathlib import Path\n"
        f"report([Path({str(study)!r})], None, False, None, None)\n"
        "heavy = {'torch', 'ray', 'optuna', 'pandas', 'plotly', 'skimage', 'PIL', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stderr.strip() == "[]"


def test_a_study_of_a_thousand_trials_is_reported_whole(run: Run, tmp_path: Path) -> None:
    write_study(tmp_path / "s", trials=1000, epochs=3, workers=8)
    result = run(tmp_path / "s")
    assert result.returncode == 0
    assert len(result.stdout.splitlines()) > 1000


def test_a_reader_that_stops_early_is_no_error(study: Path) -> None:
    command = f"{sys.executable} -m tuner.report {study} | head -c 10"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert "Traceback" not in result.stderr


def test_html_is_the_page_in_the_studys_folder(run: Run, study: Path) -> None:
    result = run(study, "--format", "html")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"wrote {study}/report.html\n"
    page = (study / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!")
    assert "AS-24" in page


def test_html_of_several_studies_where_the_output_says(run: Run, study: Path) -> None:
    example(study.parent / "two").close()
    output = study.parent / "both.html"
    result = run(study, study.parent / "two", "--output", output)
    assert (result.returncode, result.stderr) == (0, "")
    assert output.stat().st_size > 10_000


def test_html_with_a_reference_prints_the_address_of_that_view(run: Run, study: Path) -> None:
    result = run(study, "--format", "html", "--reference", "AS-26", "--diff-only")
    uri = (study / "report.html").as_uri()
    assert result.stdout.splitlines()[1] == f"open {uri}#ref=1%40step4&changes=1&diff=1"
    wrong = run(study, "--format", "html", "--reference", "AS26")
    assert (wrong.returncode, "did you mean 'AS-26'" in wrong.stderr) == (2, True)


def test_help_has_an_example() -> None:
    result = program("--help")
    assert result.returncode == 0
    assert "Example: python -m tuner.report results/step4" in " ".join(result.stdout.split())


@pytest.mark.parametrize("name", ["study.db", "trials/AS-24/best.safetensors", "new.json"])
def test_an_output_never_lands_in_a_study(run: Run, study: Path, name: str) -> None:
    before = (study / "study.db").read_bytes()
    result = run(study, "--format", "json", "--output", study / name)
    assert result.returncode == 2
    assert "is inside the study" in result.stderr
    assert (study / "study.db").read_bytes() == before


def test_an_output_replaces_no_file_of_another_kind(run: Run, study: Path, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"a photograph")
    result = run(study, "--format", "html", "--output", photo)
    assert result.returncode == 2
    assert photo.read_bytes() == b"a photograph"


def test_on_a_terminal_it_says_what_can_be_done_next(study: Path) -> None:
    comparison = compare_studies(open_snapshots([study]))
    shown = _table(comparison, limited=True, diff_only=False)
    assert "tuner.dashboard" in shown.partition("What can be done next")[2]
    assert "What can be done next" not in _table(comparison, limited=False, diff_only=False)
