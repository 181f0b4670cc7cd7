"""What a command has measured, by the files that it writes."""

from pathlib import Path

import pytest

from tuner.objectives.command.config import CommandConfig, MetricFiles
from tuner.objectives.command.measured import Measured, Row, source_of
from tuner.objectives.errors import ObjectiveError


def lines(folder: Path) -> Measured:
    return Measured(source_of(None, folder, folder / "metrics.jsonl"), folder)


def table(folder: Path) -> Measured:
    return Measured(source_of(MetricFiles(csv="log.csv"), folder, Path()), folder)


def append(folder: Path, text: str, name: str = "metrics.jsonl") -> None:
    with (folder / name).open("a") as file:
        file.write(text)


class TestJsonLines:
    def test_come_once_and_whole(self, tmp_path: Path) -> None:
        measured = lines(tmp_path)
        assert measured.new(ended=False) == []
        append(tmp_path, '{"a": 1}\n{"a":')
        assert measured.new(ended=False) == [Row({"a": 1})]
        assert measured.new(ended=False) == []
        append(tmp_path, " 2}")
        assert measured.new(ended=False) == []
        assert measured.new(ended=True) == [Row({"a": 2})]

    def test_a_process_that_resumes_may_repeat_itself(self, tmp_path: Path) -> None:
        first = lines(tmp_path)
        append(tmp_path, '{"epoch": 1, "a": 1}\n{"epoch": 2, "a": 2}\n')
        assert len(first.new(ended=False)) == 2
        append(tmp_path, '{"epoch": 3, "a": 3}\n')  # nobody has read it: the run was killed
        again = lines(tmp_path)
        assert [row.step for row in again.known] == [1, 2]
        append(tmp_path, '{"epoch": 2, "a": 9}\n{"epoch": 3, "a": 9}\n{"epoch": 4, "a": 4}\n')
        assert again.new(ended=True) == [Row({"a": 3}, 3), Row({"a": 4}, 4)]

    def test_without_a_count_they_are_counted(self, tmp_path: Path) -> None:
        append(tmp_path, '{"a": 1}\n')
        assert len(lines(tmp_path).new(ended=False)) == 1
        append(tmp_path, '{"a": 2}\n')
        again = lines(tmp_path)
        assert again.known == [Row({"a": 1})]
        assert again.new(ended=False) == [Row({"a": 2})]

    def test_after_a_reset_they_start_from_nothing(self, tmp_path: Path) -> None:
        append(tmp_path, '{"epoch": 1, "a": 1}\n')
        lines(tmp_path).new(ended=False)
        again = lines(tmp_path)
        again.reset()
        assert again.known == []
        append(tmp_path, '{"epoch": 1, "a": 5}\n')
        assert again.new(ended=False) == [Row({"a": 5}, 1)]

    def test_a_file_that_is_written_anew_and_counts_nothing_is_told(self, tmp_path: Path) -> None:
        measured = lines(tmp_path)
        append(tmp_path, '{"a": 1}\n')
        assert len(measured.new(ended=False)) == 1
        (tmp_path / "metrics.jsonl").write_text("")  # as it is between two writes
        assert measured.new(ended=False) == []
        (tmp_path / "metrics.jsonl").write_text('{"a": 2}\n')
        with pytest.raises(
            ObjectiveError, match=r"epoch 1 were {'a': 1}, and now are {'a': 2}: ap"
        ):
            measured.new(ended=False)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("loss 0.5\n", r"line 1 of TUNER_METRICS is not JSON \(Expecting value.*'loss 0.5'"),
            ("0.5\n", "line 1 of TUNER_METRICS is '0.5', not a JSON object"),
            ('{"epoch": "one"}\n', "line 1 of TUNER_METRICS: its epoch 'one' is not a number"),
            ('{"epoch": 2}\n{"epoch": 1}\n', "epoch 1 came after epoch 2"),
            ('{"epoch": 1}\n{"epoch": 1}\n', "epoch 1 came after epoch 1"),
        ],
    )
    def test_what_they_should_not_hold_is_told(
        self, tmp_path: Path, text: str, message: str
    ) -> None:
        measured = lines(tmp_path)
        append(tmp_path, text)
        with pytest.raises(ObjectiveError, match=message):
            measured.new(ended=False)


class TestTable:
    def test_rows_are_epochs(self, tmp_path: Path) -> None:
        measured = table(tmp_path)
        append(tmp_path, "epoch,time,loss\n1,12:00,0.5\n2,12:01,0.", "log.csv")
        assert measured.new(ended=False) == [Row({"loss": 0.5}, 1)]
        append(tmp_path, "25\n", "log.csv")
        assert measured.new(ended=False) == [Row({"loss": 0.25}, 2)]

    @pytest.mark.parametrize("mark", [";", "\t"])
    def test_columns_may_be_separated_otherwise(self, tmp_path: Path, mark: str) -> None:
        (tmp_path / "log.csv").write_text("epoch,loss\n1,0.5\n".replace(",", mark))
        assert table(tmp_path).new(ended=True) == [Row({"loss": 0.5}, 1)]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("epoch,loss\nnan,1\n", "an epoch's number is nan"),
            (f"epoch,loss,note\n1,2,{'x' * 200_000}\n", "log.csv cannot be read: field larger"),
        ],
        ids=["nan", "long"],
    )
    def test_what_it_should_not_hold_is_told(self, tmp_path: Path, text: str, message: str) -> None:
        (tmp_path / "log.csv").write_text(text)
        with pytest.raises(ObjectiveError, match=message):
            table(tmp_path).new(ended=True)

    def test_the_index_of_pandas_is_no_metric(self, tmp_path: Path) -> None:
        measured = table(tmp_path)
        append(tmp_path, ",epoch,loss\n0,1,0.5\n", "log.csv")
        assert measured.new(ended=True) == [Row({"loss": 0.5}, 1)]

    def test_a_byte_order_mark_is_no_part_of_a_name(self, tmp_path: Path) -> None:
        measured = table(tmp_path)
        append(tmp_path, "\ufeffepoch,loss\n3,0.5\n", "log.csv")
        assert measured.new(ended=True) == [Row({"loss": 0.5}, 3)]

    def test_written_anew_in_another_folder_it_goes_on(self, tmp_path: Path) -> None:
        """As Lightning's logger does, with training and validation on lines of their own."""
        files = MetricFiles(csv="logs/**/metrics.csv", each="val")
        for version, steps in enumerate([(1, 2), (2, 3)]):
            measured = Measured(source_of(files, tmp_path, Path()), tmp_path)
            folder = tmp_path / "logs" / f"version_{version}"
            folder.mkdir(parents=True)
            text = "epoch,train,val\n"
            found = []
            for step in steps:
                text += f"{step},{step / 10},\n"
                (folder / "metrics.csv").write_text(text)
                found += measured.new(ended=False)
                text += f"{step},,{step / 100}\n"
                (folder / "metrics.csv").write_text(text)
                found += measured.new(ended=False)
            expected = [
                Row({"train": n / 10, "val": n / 100}, n)
                for n in steps
                if n > version + 1 or not version
            ]
            assert found == expected


class TestTensorboard:
    def test_a_step_with_the_tag_is_an_epoch(self, tmp_path: Path) -> None:
        from torch.utils.tensorboard import SummaryWriter

        files = MetricFiles(tensorboard="runs", each="val/psnr")
        measured = Measured(source_of(files, tmp_path, Path()), tmp_path)
        assert measured.new(ended=False) == []
        with SummaryWriter(tmp_path / "runs" / "a") as writer:  # type: ignore[no-untyped-call]
            for step in range(1, 7):
                writer.add_scalar("loss", 1 / step, step)  # type: ignore[no-untyped-call]
                if step % 3 == 0:
                    writer.add_scalar("val/psnr", 20.0 + step, step)  # type: ignore[no-untyped-call]
            writer.flush()  # type: ignore[no-untyped-call]
            rows = measured.new(ended=False)
        assert [row.step for row in rows] == [3, 6]
        assert rows[1].metrics == {"loss": pytest.approx(1 / 6), "val/psnr": 26.0}
        again = Measured(source_of(files, tmp_path, Path()), tmp_path)
        assert again.known == rows
        assert again.new(ended=True) == []
        again.reset()
        assert not list(tmp_path.rglob("*tfevents*"))


@pytest.mark.parametrize("given", [{}, {"csv": "a", "tensorboard": "b"}, {"tensorboard": "b"}])
def test_files_are_named_once_and_whole(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="needs"):
        MetricFiles.model_validate(given)


def test_event_files_may_lie_in_the_folder_itself() -> None:
    assert MetricFiles(tensorboard=".", each="loss").tensorboard == "."


@pytest.mark.parametrize("place", ["", "./", "/tmp/log.csv", "../log.csv", "a/../../log.csv"])
def test_files_lie_in_the_folder_of_the_trial(place: str) -> None:
    inside = "must be a path inside the trial's folder"
    with pytest.raises(ValueError, match=inside):
        MetricFiles(csv=place)
    with pytest.raises(ValueError, match=inside):
        MetricFiles(tensorboard=place, each="loss")
    with pytest.raises(ValueError, match=inside):
        CommandConfig(command=("true",), files={place: "template.yml"})
