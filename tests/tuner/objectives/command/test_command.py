"""A script as an objective: told its params, followed, stopped, resumed."""

import json
import os
import time
from pathlib import Path

import psutil
import pytest

from tests.tuner.objectives.command.scripts import run, script, values
from tuner.objectives.command import OBJECTIVE
from tuner.objectives.command.process import CommandFailedError
from tuner.objectives.errors import ObjectiveError

PLACES = {n: (10 * 0.8**n) ** 2 for n in range(1, 7)}  # with rate 0.1


def train(folder: Path, *more: str) -> list[str]:
    return ["python", script(folder), "--rate={rate}", *more]


def test_its_metrics_are_the_trials(tmp_path: Path) -> None:
    epochs = run(tmp_path / "trial", train(tmp_path), rate=0.1)
    assert values(epochs) == pytest.approx(PLACES)
    assert all(epoch.metrics.keys() == {"cruelty", "seconds"} for epoch in epochs)


def test_what_it_is_told(tmp_path: Path) -> None:
    code = """
        import json, os, sys
        told = {name: os.environ[f"TUNER_{name}"] for name in ("FOLDER", "THREADS")}
        told["arguments"] = sys.argv[1:]
        told["params"] = json.load(open(os.environ["TUNER_PARAMS"]))
        told["rate"] = os.environ["RATE"]
        told["template"] = open(os.path.join(told["FOLDER"], "made", "options.yml")).read()
        told["gpus"] = os.environ["CUDA_VISIBLE_DEVICES"]
        open(os.path.join(told["FOLDER"], "told.json"), "w").write(json.dumps(told))
        open(os.environ["TUNER_METRICS"], "w").write('{"loss": 1}\\n')
    """
    (tmp_path / "template.yml").write_text("lr: {rate}\nkeep: {{rate}}\nmap: {a: 1}\n")
    folder = tmp_path / "trial"
    os.environ["CUDA_VISIBLE_DEVICES"] = "1"
    try:
        run(
            folder,
            ["python", script(tmp_path, code), "{rate}", "--out={folder}/x", "--m={momentum}"],
            rate=0.5,
            opt={"name": "adam"},
            seed=3,
            environment={"RATE": "{rate}/{opt.name}"},
            files={"made/options.yml": str(tmp_path / "template.yml")},
        )
    finally:
        del os.environ["CUDA_VISIBLE_DEVICES"]
    assert json.loads((folder / "told.json").read_text()) == {
        "FOLDER": str(folder),
        "THREADS": "1",
        "arguments": ["0.5", f"--out={folder}/x"],
        "params": {"rate": 0.5, "opt": {"name": "adam"}, "seed": 3},
        "rate": "0.5/adam",
        "template": "lr: 0.5\nkeep: {rate}\nmap: {a: 1}\n",
        "gpus": "1",
    }


class TestResumed:
    @pytest.mark.parametrize("recorded", [0, 1, 3, 6])
    def test_from_its_checkpoint(self, tmp_path: Path, recorded: int) -> None:
        command = train(tmp_path, "--sleep=0.02")
        first = run(tmp_path / "trial", command, rate=0.1, most=recorded) if recorded else []
        rest = run(tmp_path / "trial", command, rate=0.1, recorded=recorded)
        assert values(first) | values(rest) == pytest.approx(PLACES)
        output = (tmp_path / "trial" / "output.txt").read_text()
        assert output.count("from epoch") == (2 if recorded else 1)
        assert not recorded or "from epoch 0\nfrom epoch 0" not in output

    def test_one_that_keeps_none_begins_again(self, tmp_path: Path) -> None:
        code = """
            import os, time
            for i in range(1, 5):
                time.sleep(0.05)
                open(os.environ["TUNER_METRICS"], "a").write('{"i": %d}\\n' % i)
        """
        command = ["python", script(tmp_path, code)]
        first = run(tmp_path / "trial", command, most=2)
        rest = run(tmp_path / "trial", command, recorded=2)
        assert values(first + rest, "i") == {1: 1, 2: 2, 3: 3, 4: 4}

    def test_discarded_its_checkpoint_is_gone(self, tmp_path: Path) -> None:
        run(tmp_path / "trial", train(tmp_path), rate=0.1)
        assert (tmp_path / "trial" / "checkpoint" / "state.json").is_file()
        OBJECTIVE.discard_checkpoint(tmp_path / "trial")
        assert not (tmp_path / "trial" / "checkpoint").exists()
        assert (tmp_path / "trial" / "output.txt").is_file()


class TestStopped:
    def test_it_may_save(self, tmp_path: Path) -> None:
        code = """
            import os, signal, sys, time
            folder = os.environ["TUNER_FOLDER"]
            def stop(*_):
                time.sleep(0.2)
                open(os.path.join(folder, "saved"), "w").write("x")
                sys.exit(0)
            signal.signal(signal.SIGTERM, stop)
            open(os.path.join(folder, "pid"), "w").write(str(os.getpid()))
            open(os.environ["TUNER_METRICS"], "w").write('{"loss": 1}\\n')
            time.sleep(99)
        """
        run(tmp_path / "trial", ["python", script(tmp_path, code)], most=1)
        assert (tmp_path / "trial" / "saved").is_file()
        assert not psutil.pid_exists(int((tmp_path / "trial" / "pid").read_text()))

    def test_at_max_epochs(self, tmp_path: Path) -> None:
        began = time.monotonic()
        command = train(tmp_path, "--epochs=999", "--sleep=0.02")
        epochs = run(tmp_path / "trial", command, rate=0.1, max_epochs=3, grace=0.3)
        assert values(epochs) == pytest.approx({n: PLACES[n] for n in (1, 2, 3)})
        assert time.monotonic() - began < 10

    def test_after_its_last_epoch_it_ends_by_itself(self, tmp_path: Path) -> None:
        code = """
            import os, time
            open(os.environ["TUNER_METRICS"], "w").write('{"loss": 1}\\n')
            time.sleep(0.5)
            open(os.path.join(os.environ["TUNER_FOLDER"], "model"), "w").write("x")
        """
        run(tmp_path / "trial", ["python", script(tmp_path, code)], max_epochs=1)
        assert (tmp_path / "trial" / "model").is_file()


class TestFailed:
    def test_its_last_words_are_the_trials_error(self, tmp_path: Path) -> None:
        with pytest.raises(CommandFailedError) as caught:
            run(tmp_path / "trial", train(tmp_path), rate="fast")
        assert "failed (exit code 2)" in str(caught.value)
        assert "argument --rate: invalid float value: 'fast'" in str(caught.value)

    def test_without_metrics(self, tmp_path: Path) -> None:
        command = ["python", script(tmp_path, "print('trained well')")]
        with pytest.raises(ObjectiveError, match=r"ended without metrics(.|\n)*trained well"):
            run(tmp_path / "trial", command)

    @pytest.mark.parametrize(
        ("metrics", "message"),
        [
            ({"csv": "a.csv"}, "the trial's folder does not hold a row of a.csv"),
            ({"csv": "a.csv", "each": "loss"}, "not hold a row of a.csv with a value of loss"),
            ({"tensorboard": "runs", "each": "loss"}, "a value of loss in the event files of runs"),
        ],
    )
    def test_without_the_files_of_metrics_that_it_should_write(
        self, tmp_path: Path, metrics: dict[str, str], message: str
    ) -> None:
        with pytest.raises(ObjectiveError, match=f"true ended without metrics: .*{message}"):
            run(tmp_path / "trial", ["true"], metrics=metrics)

    def test_after_some_epochs_those_are_kept(self, tmp_path: Path) -> None:
        code = """
            import os
            open(os.environ["TUNER_METRICS"], "w").write('{"loss": 1}\\n')
            raise MemoryError("too large")
        """
        command = ["python", script(tmp_path, code)]
        assert len(run(tmp_path / "trial", command, most=1)) == 1
        with pytest.raises(CommandFailedError, match="MemoryError: too large"):
            run(tmp_path / "trial", command, recorded=1)

    @pytest.mark.parametrize(
        ("template", "message"),
        [
            ("lr: {rat}", r"names \{rat\}, which is not a param"),
            (None, "template .* cannot be read"),
        ],
    )
    def test_a_template_that_cannot_be_filled(
        self, tmp_path: Path, template: str | None, message: str
    ) -> None:
        if template is not None:
            (tmp_path / "a.yml").write_text(template)
        files = {"b.yml": str(tmp_path / "a.yml")}
        with pytest.raises(ObjectiveError, match=message):
            run(tmp_path / "trial", ["true"], files=files, rate=1.0)


def test_a_variable_without_its_param_is_left_out(tmp_path: Path) -> None:
    code = """
        import os
        given = int("MOMENTUM" in os.environ)
        open(os.environ["TUNER_METRICS"], "w").write('{"loss": %d}\\n' % given)
    """
    command = ["python", script(tmp_path, code)]
    for number, given in enumerate([{}, {"momentum": 0.5}]):
        folder = tmp_path / f"trial{number}"
        (epoch,) = run(folder, command, environment={"MOMENTUM": "{momentum}"}, **given)
        assert epoch.metrics["loss"] == number


def test_a_param_goes_before_what_it_is_told_besides(tmp_path: Path) -> None:
    code = """
        import json, os, sys
        params = json.load(open(os.environ["TUNER_PARAMS"]))
        told = [sys.argv[1:], os.environ["TUNER_THREADS"], params]
        open(os.path.join(os.environ["TUNER_FOLDER"], "told.json"), "w").write(json.dumps(told))
        open(os.environ["TUNER_METRICS"], "w").write('{"loss": 1}\\n')
    """
    command = ["python", script(tmp_path, code), "{threads}", "{params}"]
    run(tmp_path / "trial", command, threads=8, params="few")
    told = json.loads((tmp_path / "trial" / "told.json").read_text())
    assert told == [["8", "few"], "1", {"threads": 8, "params": "few"}]
