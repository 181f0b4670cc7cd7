import shlex
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from tests.studies import write_study
from tests.tuner.analysis.small_study import CONFIG, SmallStudy, example, psnr
from tuner.analysis.commands import Commands, wrapped
from tuner.analysis.comparison import compare
from tuner.analysis.lookup import NoSuchTrialError
from tuner.analysis.program import Program
from tuner.analysis.snapshot import Snapshot, read_snapshot
from tuner.analysis.summary import next_commands, study_summary
from tuner.analysis.utilization import Utilization
from tuner.objectives.metric import Metric
from tuner.records import EventKind, Records, TrialKind, TrialState


def text(records: Records, width: int = 100, reference: str | None = None) -> list[str]:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(study_summary(records, reference=reference))
    return capture.get().splitlines()


def after_table(records: Records) -> list[str]:
    lines = [line.rstrip() for line in text(records, 200)]
    return lines[next(i for i, line in enumerate(lines) if not line) + 1 :]


def test_what_came_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    records = example(Path("results/step4"))
    assert after_table(records) == [
        "best     T002: validation/psnr 28.50 dB in epoch 2 of 3, 2.50 dB above bicubic, "
        "5.700 on the report's scale",
        "         loss mae, learning_rate 0.002, betas [0.9, 0.999]",
        "trials   6: 1 running, 3 complete, 1 stopped, 1 failed; 9 epochs",
        "failed   T004: NonFiniteError: loss is nan",
        "workers  1 worker, training 100.0% of the time (1m30s of 1m30s)",
        "results  results/step4",
        "",
        "What can be done next",
        "resume   python -m tuner.run results/step4/study.yaml --resume",
        "look     python -m tuner.dashboard results",
        "table    python -m tuner.report results/step4",
    ]


def test_of_many_settings_those_are_named_that_matter(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    for number in range(16):
        some = {f"network.s{index:02d}": number // 2 % 3 for index in range(20)}
        params = some | {"network.s17": number % 2}
        study.trial(f"T{number:03d}", psnr(20.0 + 5 * (number % 2)), params=params)
    said = " ".join(line.strip() for line in after_table(study.records))
    assert "below bicubic s17 1, " in said
    assert "and 8 more settings" in said


@pytest.mark.parametrize("rescued", [False, True])
def test_where_all_have_failed_it_is_said_what_to_do(tmp_path: Path, *, rescued: bool) -> None:
    study = SmallStudy(tmp_path / "s")
    for number in range(5):
        study.trial(f"T{number:03d}", state=TrialState.FAILED, error="KeyError: 'width'")
    study.trial("cut-off", state=TrialState.INTERRUPTED)
    if rescued:
        study.trial("T005", psnr(20.0))
    study.records.add_event(study.clock, EventKind.ENDED, reason="all 5 trials failed alike: ...")
    said = " ".join(line.strip() for line in after_table(study.records))
    assert "failed T000, T001, T002 and 2 more: KeyError: 'width'" in " ".join(said.split())
    advice = "no trial has a result: fix what failed, then retry these trials, or"
    assert (advice in said) is not rescued
    first, _ = ways(study.records)[0]
    assert first == ("resume" if rescued else "retry"), "resumed, those that failed stay so"


def test_what_is_there_is_offered(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", psnr(25.0))
    assert not any("tuner.export" in line for line in after_table(study.records))
    model = tmp_path / "s" / "trials" / "a" / "best.safetensors"
    model.parent.mkdir(parents=True)
    model.write_bytes(b"")
    (tmp_path / "s" / "report.html").write_text("")
    lines = after_table(study.records)
    assert any(line.endswith("--output model.safetensors") for line in lines)
    assert f"results  {tmp_path}/s, page report.html" in lines
    assert any("1.00 dB below bicubic" in line for line in lines)


def test_failed_trials_can_be_retried_unless_they_would_only_diverge_again(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", psnr(27.0))
    study.trial("b", state=TrialState.FAILED, reason="NonFiniteError")
    assert "retry" not in dict(ways(study.records))
    study.trial("c", state=TrialState.FAILED, reason="OSError")
    study.records.add_event(study.clock, EventKind.ENDED, reason="all trials done")
    command = dict(ways(study.records))["retry"]
    assert command.endswith("tuner.run " + str(tmp_path / "s" / "study.yaml") + " --retry-failed")


def test_a_finished_study_can_be_extended(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", psnr(27.0))
    study.records.add_event(study.clock, EventKind.ENDED, reason="all trials done")
    found = dict(ways(study.records))
    assert found["extend"].endswith("--extend 20")
    assert "resume" not in found


def ways(records: Records, **options: Any) -> list[tuple[str, str]]:
    snapshot = read_snapshot(records)
    return list(next_commands(Commands(snapshot, **options), compare(snapshot)))


def test_a_winner_is_confirmed_once_and_only_where_a_seed_can_be_changed(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", psnr(27.0), config={})
    assert "confirm" not in dict(ways(study.records))
    study.trial("b", psnr(28.0), config={**CONFIG, "seed": 0})
    assert "confirm" in dict(ways(study.records))
    study.trial("b-seed1", psnr(28.0), config={**CONFIG, "seed": 1}, kind=TrialKind.CONFIRM)
    assert "confirm" not in dict(ways(study.records))


def test_commands_are_written_as_the_run_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its program, its cluster and its folder, whatever `study:` says."""
    monkeypatch.chdir(tmp_path)
    study = SmallStudy(Path("elsewhere/mine"))
    study.trial("a", psnr(27.0), config={"seed": 0})
    study.records.set_info("use", {"name": "upscale", "command": ["sr_models.upscale", "{model}"]})
    model = Path("elsewhere/mine/trials/a/best.safetensors")
    model.parent.mkdir(parents=True)
    model.write_bytes(b"")
    study.records.add_event(study.clock, EventKind.ENDED, reason="all trials done")
    program = Program(("sr-tuner",), subcommands=True)
    assert ways(study.records, program=program, address="auto") == [
        ("look", "sr-tuner dashboard elsewhere"),
        ("table", "sr-tuner report elsewhere/mine"),
        ("confirm", "sr-tuner confirm elsewhere/mine --address auto"),
        ("extend", "sr-tuner run elsewhere/mine/study.yaml --extend 20 --address auto"),
        ("export", "sr-tuner export elsewhere/mine --output model.safetensors"),
        ("upscale", f"sr-tuner upscale {model}"),
    ]
    needed = {"ALLOW": "my parts.py:Wide"}
    use = {"name": "upscale", "command": ["sr_models.upscale", "{model}"], "environment": needed}
    study.records.set_info("use", use)
    found = dict(ways(study.records, program=program))
    allowed = "ALLOW='my parts.py:Wide' sr-tuner"
    assert found["upscale"] == f"{allowed} upscale {model}"
    assert found["export"] == f"{allowed} export elsewhere/mine --output model.safetensors"


def test_of_many_trials_ten_are_shown_and_how_to_see_all(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    for number in range(20):
        study.trial(f"T{number:03d}", psnr(20.0 + number / 10))
    lines = [line.rstrip() for line in text(study.records)]
    assert sum(line.startswith("T0") for line in lines) == 10
    assert "and 10 more trials" in lines
    assert any(line.startswith("table    python -m tuner.report ") for line in lines)


def test_a_best_trial_that_was_cut_short_says_so(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    config = {"training": {"max_epochs": 6}}
    study.trial("a", psnr(27.0, 28.0, 27.5), TrialState.STOPPED, config=config)
    assert after_table(study.records)[0] == (
        "best     a: validation/psnr 28.00 dB in epoch 2 of 3, 2.00 dB above bicubic, "
        "stopped after 3 of 6 epochs"
    )


@pytest.mark.parametrize(
    ("events", "budget", "ending"),
    [
        (["all trials done"], None, "--extend 20"),
        (["every setting of the space has been tried"], None, None),
        (["no new feasible setting in 200 proposals: nothing to try"], None, None),
        (["all 3 trials failed alike: RuntimeError: no"], None, None),
        (["interrupted"], None, "--resume"),
        ([EventKind.RESUMED], None, "--resume"),
        (["budget"], 15.0, "--resume --max-time 1m"),
        (["all trials done"], 15.0, "--extend 20 --max-time 1m"),
        (["all trials done"], 3600.0, "--extend 20"),
        (["all trials done", EventKind.CONFIRMING, "interrupted"], None, "--extend 20"),
        (["no new setting", EventKind.CONFIRMING, "all trials done"], None, None),
    ],
)
def test_what_is_offered_next_can_work(
    tmp_path: Path, events: list[str], budget: float | None, ending: str | None
) -> None:
    """No trials are offered where no setting is left, nor any without time to run them."""
    study = SmallStudy(tmp_path / "s")
    study.records.set_info("budget", {"trials": 1, "wall_clock": budget})
    study.records.add_event(study.clock, EventKind.STARTED)
    study.trial("a", psnr(27.0, 28.0))
    for event in events:
        if isinstance(event, EventKind):
            study.records.add_event(study.clock, event)
        else:
            study.records.add_event(study.clock, EventKind.ENDED, reason=event)
    snapshot = read_snapshot(study.records)
    commands = Commands(snapshot)
    found = [one for _, one in next_commands(commands, compare(snapshot)) if "tuner.run " in one]
    run = commands.resume().removesuffix(" --resume")
    assert found == ([] if ending is None else [f"{run} {ending}"])


def test_the_first_baseline_is_the_reference(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("winner", psnr(29.0))
    study.trial("base", psnr(27.0), kind=TrialKind.BASELINE)
    assert any("base (ref)" in line for line in text(study.records))
    assert any("winner (ref)" in line for line in text(study.records, reference="winner"))
    with pytest.raises(NoSuchTrialError):
        study_summary(study.records, reference="no")


def test_only_failed_trials(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    for number in range(5):
        study.trial(f"T{number}", [], TrialState.FAILED, error="out of\nmemory")
    study.trial("odd", [], TrialState.FAILED)
    lines = after_table(study.records)
    assert lines[:3] == [
        "trials   6: 6 failed; 0 epochs",
        "failed   T0, T1, T2 and 2 more: out of memory",
        "failed   odd: no reason was recorded",
    ]
    assert not any("tuner.export" in line for line in lines)


def test_proposals_that_broke_a_constraint_are_counted(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", psnr(27.0))
    study.records.add_event(1.0, EventKind.INFEASIBLE, params={}, violations={"parameters": 5.0})
    line = next(line for line in after_table(study.records) if line.startswith("trials"))
    assert line == "trials   1: 1 complete; 1 epoch; 1 proposal violated a constraint"


def test_a_study_without_trials(tmp_path: Path) -> None:
    lines = [line.rstrip() for line in text(SmallStudy(tmp_path / "s").records)]
    assert lines[0] == "trials   none"


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_fits_any_terminal(tmp_path: Path, width: int) -> None:
    write_study(tmp_path / "s", trials=12, epochs=4, hostile=True)
    with Records.open(tmp_path / "s") as records:
        lines = text(records, width)
    outcome = lines[: lines.index("What can be done next")]
    assert max(map(cell_len, outcome)) <= width
    assert "\u202e" not in "".join(lines)


def test_commands_can_be_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No space may follow the mark of a broken line, or a shell would not join it."""
    monkeypatch.chdir(tmp_path)
    folder = Path("a folder with spaces/it's")
    lines = text(example(folder), 60)
    first = lines.index("What can be done next") + 1
    shown = "\n".join(line[9:] for line in lines[first:])
    joined = [shlex.split(one) for one in shown.replace("\\\n", "").splitlines()]
    assert ["python", "-m", "tuner.run", str(folder / "study.yaml"), "--resume"] in joined
    assert any(line.endswith(" \\") for line in lines)
    assert all(line == line.rstrip() for line in lines[first:])


@pytest.mark.parametrize(
    ("folder", "name", "expected"),
    [
        ("results/step4", "step4", "results/step4/study.yaml"),
        ("results/mine", "step4", "results/mine/study.yaml"),
        ("/tmp/x/step4", "step4", "/tmp/x/step4/study.yaml"),
        ("a b/s", "s", "'a b/s/study.yaml'"),
    ],
)
def test_resuming_names_the_file_that_knows_its_folder(
    folder: str, name: str, expected: str
) -> None:
    study = Snapshot(Path(folder), {"study": name}, (), {}, ())
    assert Commands(study).resume() == f"python -m tuner.run {expected} --resume"


def test_an_option_stays_with_its_value_in_wrapped_commands() -> None:
    command = "python -m sr_models.upscale --model trials/T009/best.safetensors --scale 4 a.png"
    assert wrapped(command, 50).split(" \\\n  ") == [
        "python -m sr_models.upscale",
        "--model trials/T009/best.safetensors --scale 4",
        "a.png",
    ]


def test_wrapped_commands_are_the_same_command() -> None:
    command = "python -m tuner.report 'a b/c' --format html"
    for width in range(1, 60):
        lines = wrapped(command, width)
        assert shlex.split(lines.replace("\\\n", "")) == shlex.split(command)
        if width > 30:
            assert all(len(line) <= width for line in lines.splitlines())


def test_where_nothing_beats_the_baseline_it_is_said_plainly(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s")
    study.trial("a", psnr(25.0))
    warning = "no trial is better than bicubic (26.00 dB): none of these models is useful yet"
    assert f"beware   {warning}" in after_table(study.records)
    study.records.set_info("use", {"name": "upscale", "command": ["sr_models.upscale", "{model}"]})
    for trial in "ab":
        model = tmp_path / "s" / "trials" / trial / "best.safetensors"
        model.parent.mkdir(parents=True)
        model.write_bytes(b"")
    assert "upscale" not in dict(ways(study.records)), "what is of no use is not offered for use"
    study.trial("b", psnr(25.0, 26.5, 25.0))
    assert not any(line.startswith("beware") for line in after_table(study.records))
    assert "upscale" in dict(ways(study.records))


def test_a_minimised_metric_is_better_below_its_baseline(tmp_path: Path) -> None:
    study = SmallStudy(tmp_path / "s", metrics={"loss": "minimize"}, bicubic={})
    study.records.set_info("metrics_described", [Metric("loss", baseline=1.0).to_info()])
    study.trial("a", [{"loss": 1.5}])
    beware = "beware   no trial is better than the baseline (1): none of these models is useful yet"
    assert beware in after_table(study.records)
    study.trial("b", [{"loss": 0.5}])
    assert beware not in after_table(study.records)


def test_only_what_is_searched_for_is_held_against_its_baseline(tmp_path: Path) -> None:
    """A trial that is far below bicubic in PSNR may be better by what is searched for."""
    curve = [{"validation/psnr": 12.0, "validation/ssim": 0.9, "validation/loss": 0.5}]
    ssim = {"validation/psnr": 25.0, "validation/ssim": 0.8}
    searched = SmallStudy(tmp_path / "a", metrics={"validation/ssim": "maximize"}, bicubic=ssim)
    searched.trial("T0", curve)
    shown = "\n".join(after_table(searched.records))
    assert "0.1000 above bicubic" in shown
    assert "beware" not in shown
    without = SmallStudy(tmp_path / "b", metrics={"validation/loss": "minimize"}, bicubic=ssim)
    without.trial("T0", curve)
    shown = "\n".join(after_table(without.records))
    assert "validation/loss 0.5 in epoch 1" in shown
    assert "bicubic" not in shown


def test_a_failure_names_the_line_of_ones_own_code(tmp_path: Path) -> None:
    """The last that the error passed, whatever library it came from; none of this package's."""
    package = Path(__file__).parents[3] / "tuner" / "own.py"
    library = sysconfig.get_path("stdlib") + "/contextlib.py"
    elsewhere = "/usr/lib/python3.11/json/decoder.py"  # of another machine
    others = ["/v/site-packages/torch/nn.py", "<string>", library, elsewhere]
    places = [package, "/home/me/train.py", *others, package]
    lines = [f'  File "{place}", line {number}' for number, place in enumerate(places, 1)]
    study = SmallStudy(tmp_path / "s")
    failed = TrialState.FAILED
    study.trial("a", (), failed, error="KeyError: 'x'", traceback="\n".join(lines))
    study.trial("b", (), failed, error="KeyError: 'y'", traceback=lines[0])
    shown = after_table(study.records)
    assert "failed   a: KeyError: 'x' (train.py, line 2)" in shown
    assert "         b: KeyError: 'y'" in shown or "failed   b: KeyError: 'y'" in shown


def test_of_a_toy_it_is_not_said_how_busy_the_workers_were(tmp_path: Path) -> None:
    for training, told in ((0.001, False), (3.0, True)):
        study = SmallStudy(tmp_path / str(training))
        study.trial("a", psnr(27.0))
        with pytest.MonkeyPatch.context() as patch:
            busy = Utilization(training, 4.7, 1)
            patch.setattr("tuner.analysis.outcome.utilization", lambda _, busy=busy: busy)
            assert any(one.startswith("workers") for one in after_table(study.records)) is told
