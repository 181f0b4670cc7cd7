"""TensorBoard's event file, written with TensorBoard's own messages and record format.

TensorBoard's own writer names a file after host and time, and stamps events with the time of
writing. Here files are numbered, and an event has the time of what it reports.

A file that is written again has the next number, and says that the previous files no longer count:
a TensorBoard that is open has read the old file up to some position, and would miss changes before
it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.plugins.hparams import api_pb2, plugin_data_pb2
from tensorboard.plugins.hparams import metadata as hparams_metadata
from tensorboard.plugins.text import metadata as text_metadata
from tensorboard.summary.writer.record_writer import RecordWriter

from tuner.trackers.views.params import Scalar
from tuner.trackers.views.pictures import Picture

_NAME = "events.out.tfevents.sr-tuner"


class EventFile:
    """The event file of a folder, open for writing; the content of earlier files is gone."""

    def __init__(self, folder: Path, time: float) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        earlier = sorted(folder.glob(f"{_NAME}*"))
        self._writer = RecordWriter(_next(folder, earlier).open("wb"))
        self._time = time
        self._record(event_pb2.Event(wall_time=time, file_version="brain.Event:2"))
        # The second such event makes TensorBoard forget what came before.
        start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
        self._record(event_pb2.Event(wall_time=time, session_log=start))
        self.flush()
        _empty(earlier)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def scalars(self, values: Mapping[str, float], step: int, time: float | None = None) -> None:
        """Add numbers by name."""
        found = [summary_pb2.Summary.Value(tag=tag, simple_value=v) for tag, v in values.items()]
        self._add(found, step, time)

    def picture(self, picture: Picture) -> None:
        """Add a picture."""
        encoded = summary_pb2.Summary.Image(
            height=picture.image.height,
            width=picture.image.width,
            colorspace=3,
            encoded_image_string=picture.png(),
        )
        self._add([summary_pb2.Summary.Value(tag=picture.name, image=encoded)], picture.epoch)

    def text(self, name: str, markdown: str) -> None:
        """Add a text."""
        tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, string_val=[markdown.encode()])
        tensor.tensor_shape.dim.add(size=1)
        metadata = text_metadata.create_summary_metadata(display_name=name, description="")
        self._add([summary_pb2.Summary.Value(tag=name, metadata=metadata, tensor=tensor)], 0)

    def experiment(self, values: Mapping[str, Sequence[Scalar]], metrics: Sequence[str]) -> None:
        """Declare the settings (with their values) and metrics that HPARAMS compares.

        It first shows five settings, those that differ, and the first five metrics.
        """
        most = sorted(values, key=lambda name: -len(set(values[name])))[:5]
        infos = [
            api_pb2.HParamInfo(name=name, type=_type(found[0]), differs=name in most)
            for name, found in values.items()
        ]
        tags = [api_pb2.MetricInfo(name=api_pb2.MetricName(tag=tag)) for tag in metrics]
        experiment = api_pb2.Experiment(hparam_infos=infos, metric_infos=tags)
        data = plugin_data_pb2.HParamsPluginData(experiment=experiment)
        self._hparams(hparams_metadata.EXPERIMENT_TAG, data)

    def hparams(self, values: Mapping[str, Scalar], group: str, started: float) -> None:
        """Add the settings that the HPARAMS page compares."""
        start = plugin_data_pb2.SessionStartInfo(group_name=group, start_time_secs=started)
        for name, value in values.items():
            _set(start.hparams[name], value)
        data = plugin_data_pb2.HParamsPluginData(session_start_info=start)
        self._hparams(hparams_metadata.SESSION_START_INFO_TAG, data)

    def end(self, succeeded: bool, time: float | None) -> None:
        """Note for the HPARAMS page that the trial has ended."""
        status = api_pb2.STATUS_SUCCESS if succeeded else api_pb2.STATUS_FAILURE
        end = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=time or self._time)
        data = plugin_data_pb2.HParamsPluginData(session_end_info=end)
        self._hparams(hparams_metadata.SESSION_END_INFO_TAG, data)

    def flush(self) -> None:
        """Write buffered data to the operating system."""
        self._writer.flush()

    def close(self) -> None:
        """Flush and close."""
        self._writer.close()

    def _hparams(self, tag: str, data: Any) -> None:
        metadata = hparams_metadata.create_summary_metadata(data)
        value = summary_pb2.Summary.Value(
            tag=tag, metadata=metadata, tensor=hparams_metadata.NULL_TENSOR
        )
        self._add([value], 0)

    def _add(self, values: list[Any], step: int, time: float | None = None) -> None:
        if values:
            summary = summary_pb2.Summary(value=values)
            wall = self._time if time is None else time
            self._record(event_pb2.Event(wall_time=wall, step=step, summary=summary))

    def _record(self, event: Any) -> None:
        self._writer.write(event.SerializeToString())


def _next(folder: Path, earlier: Sequence[Path]) -> Path:
    """The next file: TensorBoard continues with names that come later."""
    if not earlier:
        return folder / _NAME
    number = earlier[-1].name.removeprefix(f"{_NAME}.")
    return folder / f"{_NAME}.{int(number) + 1 if number.isdecimal() else 1:06d}"


def _empty(earlier: Sequence[Path]) -> None:
    """Remove earlier files except the last, which an open TensorBoard is reading."""
    for path in earlier[:-1]:
        path.unlink()
    for path in earlier[-1:]:
        with path.open("wb"):
            pass


def _type(value: Scalar) -> int:
    if isinstance(value, bool):
        return int(api_pb2.DATA_TYPE_BOOL)
    number = isinstance(value, int | float)
    return int(api_pb2.DATA_TYPE_FLOAT64 if number else api_pb2.DATA_TYPE_STRING)


def _set(target: Any, value: Scalar) -> None:
    if isinstance(value, bool):  # before numbers: a bool is one
        target.bool_value = value
    elif isinstance(value, int | float):
        target.number_value = value
    else:
        target.string_value = value
