"""Reads back what trackers wrote, with each tool's own reader, into one shape."""

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any

_GROUPS = ("best/", "facts/", "reported/")
Series = dict[str, list[tuple[int, float]]]


@dataclass
class CopiedTrial:
    """A run of a tool. `series` keeps every point, so that one told twice shows."""

    settings: dict[str, Any] = field(default_factory=dict)
    series: Series = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, int] = field(default_factory=dict)  # name -> how many times


@dataclass
class Copied:
    trials: dict[str, CopiedTrial] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, int] = field(default_factory=dict)


def canonical(value: Any) -> Any:
    """Settings as numbers or text, whatever a tool makes of them."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict) or value is None:
        return json.dumps(value)
    try:
        return float(value)
    except ValueError:
        return {"True": "true", "False": "false"}.get(value, value)


def read_lines(folder: Path) -> Copied:
    """What `tests.tuner.own_tools:Lines` has written."""
    place = folder / "trackers" / "lines"
    told = json.loads((place / "_study.json").read_text())
    copied = Copied(files=told["files"], pictures=_counted(told["pictures"]))
    for path in place.glob("*.jsonl"):
        trial, scalars = CopiedTrial(), Series()
        for line in map(json.loads, path.read_text().splitlines()):
            if "name" in line:
                copied.trials[line["name"]] = trial
                trial.settings = {k: canonical(v) for k, v in line["settings"].items()}
            for name, value in line.get("metrics", {}).items():
                scalars.setdefault(name, []).append((line["epoch"], value))
            trial.labels |= line.get("labels", {})
            trial.values |= line.get("values", {})
            trial.pictures |= _counted(line.get("pictures", []))
        _split(trial, scalars)
    return copied


def _counted(names: list[str]) -> dict[str, int]:
    return {name: names.count(name) for name in names}


def read_tensorboard(folder: Path) -> Copied:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    copied = Copied()
    for path in sorted((folder / "trackers" / "tensorboard").iterdir()):
        events = EventAccumulator(str(path), size_guidance={"scalars": 0, "images": 0})
        events.Reload()
        tags = events.Tags()
        texts = {
            tag: "".join(
                part.decode()
                for event in events.Tensors(tag)
                for part in event.tensor_proto.string_val
            )
            for tag in tags["tensors"]
            if not tag.startswith("_hparams_")
        }
        pictures = {tag: len(events.Images(tag)) for tag in tags["images"]}
        for tag in tags["images"]:
            assert events.Images(tag)[0].width > 0
        if path.name == "_study":
            copied.files = {name: text.strip("`\n") for name, text in texts.items() if "." in name}
            copied.pictures = pictures
            continue
        scalars = {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in tags["scalars"]}
        trial = CopiedTrial(
            settings={k: canonical(v) for k, v in _table(texts["settings"]).items()},
            labels=_table(texts.get("state", "")),
            pictures=pictures,
        )
        _split(trial, scalars)
        copied.trials[path.name.removeprefix("_")] = trial
    return copied


def hparams(folder: Path, trial: str) -> tuple[dict[str, Any], str | None]:
    """The settings and the status that TensorBoard's HPARAMS page has of a trial."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import api_pb2, metadata

    events = EventAccumulator(str(folder / "trackers" / "tensorboard" / trial))
    events.Reload()
    content = events.PluginTagToContent("hparams")
    start = metadata.parse_session_start_info_plugin_data(content[metadata.SESSION_START_INFO_TAG])
    settings = {
        name: getattr(value, value.WhichOneof("kind")) for name, value in start.hparams.items()
    }
    if metadata.SESSION_END_INFO_TAG not in content:
        return settings, None
    end = metadata.parse_session_end_info_plugin_data(content[metadata.SESSION_END_INFO_TAG])
    return settings, api_pb2.Status.Name(end.status)


def read_neptune(folder: Path) -> Copied:
    from neptune.core.components.queue.disk_queue import DiskQueue
    from neptune.internal import operation as op

    copied = Copied()
    for path in sorted((folder / "trackers/neptune/.neptune/offline").glob("run__*")):
        queue = DiskQueue(path, lambda o: o.to_dict(), op.Operation.from_dict, RLock())
        values: dict[str, Any] = {}
        scalars: Series = {}
        uploads: dict[str, list[Path]] = {}
        while (element := queue.get()) is not None:
            one = element.obj
            name = "/".join(one.path)
            if isinstance(one, op.LogFloats):
                scalars.setdefault(name, []).extend((int(p.step), p.value) for p in one.values)
            elif isinstance(one, op.UploadFile):
                assert one.file_path is None, "a path of this machine"
                uploads.setdefault(name, []).append(path / "upload_path" / one.tmp_file_name)
            elif hasattr(one, "value"):
                values[name] = one.value
        assert all(file.is_file() for files in uploads.values() for file in files)
        pictures = {name: len(v) for name, v in uploads.items() if name.startswith("pictures/")}
        if "study/metrics" in values:
            copied.pictures = pictures
            copied.files = {
                name.removeprefix("files/") + files[0].suffix: files[0].read_text()
                for name, files in uploads.items()
                if name.startswith("files/")
            }
            continue
        trial = CopiedTrial(
            settings=_under("params/", values),
            values={k: v for k, v in values.items() if k.startswith(_GROUPS)},
            labels=_texts(_under("trial/", values)),
            pictures=pictures,
        )
        _split(trial, scalars)
        copied.trials[values["sys/name"]] = trial
    return copied


def read_wandb(folder: Path) -> Copied:
    copied = Copied()
    for path in sorted((folder / "trackers" / "wandb").glob("offline-run-*")):
        (log,) = path.glob("*.wandb")
        run: Any = None
        media: list[tuple[str, str]] = []
        config: dict[str, Any] = {}
        summary: dict[str, Any] = {}
        scalars: Series = {}
        for record in _wandb_records(log):
            kind = record.WhichOneof("record_type")
            if kind == "run":
                run = record.run
                _update(config, run.config)
            elif kind == "config":
                _update(config, record.config)
            elif kind == "summary":
                _update(summary, record.summary)
            elif kind == "history":
                for name, value in _items(record.history.item).items():
                    if name.startswith("pictures/"):
                        if name.endswith("/path"):
                            media.append((name.removesuffix("/path"), value))
                    elif isinstance(value, int | float) and not name.startswith("_"):
                        step = record.history.step.num
                        scalars.setdefault(name, []).append((step, value))
        pictures: dict[str, int] = {}
        for name, file in media:
            assert (path / "files" / file).is_file()
            pictures[name] = pictures.get(name, 0) + 1
        if run.job_type == "study":
            copied.pictures = pictures
            copied.files = {p.name: p.read_text() for p in (path / "files").glob("*.*")}
            continue
        trial = CopiedTrial(
            settings={k: canonical(v) for k, v in _flat(config).items() if not k.startswith("_")},
            values={k: v for k, v in summary.items() if k.startswith(_GROUPS)},
            labels=_texts(summary),
            pictures=pictures,
        )
        _split(trial, scalars)
        assert run.display_name not in copied.trials, "two runs of one trial"
        copied.trials[run.display_name] = trial
    return copied


def read_mlflow(uri: str, experiment: str, folder: Path) -> Copied:
    """Read through MLflow's client; artifacts through the address that the store itself names."""
    from mlflow import MlflowClient

    client = MlflowClient(uri)
    found = client.get_experiment_by_name(experiment)
    copied = Copied()
    children: dict[str, str] = {}
    parents = []
    for run in client.search_runs([found.experiment_id], max_results=1000):
        artifacts = _artifacts(client, run, folder)
        pictures: dict[str, int] = {}
        for path in artifacts:
            if path.startswith("images/") and path.endswith(".png"):
                # MLflow's own names: `%` or `+` between the parts, `~` for a slash.
                name = path.removeprefix("images/").replace("%", "+").split("+")[0]
                name = name.replace("~", "/")
                pictures[name] = pictures.get(name, 0) + 1
        if run.data.tags["kind"] == "study":
            parents.append(run.info.run_id)
            copied.pictures = pictures
            copied.files = {k: v for k, v in artifacts.items() if v}
            continue
        scalars = {
            name: [(p.step, p.value) for p in client.get_metric_history(run.info.run_id, name)]
            for name in run.data.metrics
        }
        trial = CopiedTrial(
            settings={k: canonical(v) for k, v in run.data.params.items()},
            labels=_texts(run.data.tags),
            pictures=pictures,
        )
        _split(trial, scalars)
        # of those that were told again, what MLflow shows: the newest
        trial.values = {name: run.data.metrics[name] for name in trial.values}
        assert run.info.run_name not in copied.trials, "two runs of one trial"
        copied.trials[run.info.run_name] = trial
        children[run.info.run_name] = run.data.tags["mlflow.parentRunId"]
    assert len(parents) == 1
    assert set(children.values()) == set(parents)
    return copied


def _artifacts(client: Any, run: Any, folder: Path) -> dict[str, str]:
    """All artifacts of a run, with the text of those that are text."""
    root = run.info.artifact_uri
    base = folder / "trackers" / "mlflow" / "artifacts"
    local = base / root.removeprefix("mlflow-artifacts:/") if base.is_dir() else None
    if local is None:
        local = Path(client.download_artifacts(run.info.run_id, ""))
    files = [path for path in local.rglob("*") if path.is_file()]
    text = {".yaml", ".json"}
    return {
        str(path.relative_to(local)): path.read_text() if path.suffix in text else ""
        for path in files
    }


def _split(trial: CopiedTrial, scalars: Series) -> None:
    for name, points in scalars.items():
        if name.startswith(_GROUPS):
            trial.values[name] = sorted(points)[-1][1]
        else:
            trial.series[name] = sorted(points)


def _table(markdown: str) -> dict[str, str]:
    rows = [line.split("` | `") for line in markdown.splitlines() if line.startswith("| `")]
    return {key.removeprefix("| `"): value.removesuffix("` |") for key, value in rows}


def _under(prefix: str, values: dict[str, Any]) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): canonical(value)
        for name, value in values.items()
        if name.startswith(prefix)
    }


def _texts(values: dict[str, Any]) -> dict[str, str]:
    names = ("kind", "state", "reason", "error")
    return {name: str(values[name]) for name in names if name in values}


def _flat(config: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in config.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _items(items: Any) -> dict[str, Any]:
    return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}


def _update(target: dict[str, Any], record: Any) -> None:
    target |= _items(record.update)


def _wandb_records(path: Path) -> list[Any]:
    """The records of a `.wandb` file: W&B's own messages in LevelDB's log format."""
    from wandb.proto import wandb_internal_pb2

    data = path.read_bytes()
    assert data[:4] == b":W&B"
    records, position, pending = [], 7, b""
    while position + 7 <= len(data):
        left = 32768 - position % 32768
        if left < 7:
            position += left
            continue
        _, length, kind = struct.unpack("<IHB", data[position : position + 7])
        pending += data[position + 7 : position + 7 + length]
        position += 7 + length
        if kind in (1, 4):  # a whole record, or the last part of one
            record = wandb_internal_pb2.Record()
            record.ParseFromString(pending)
            records.append(record)
            pending = b""
    return records


READERS: dict[str, Callable[[Path], Copied]] = {
    "neptune": read_neptune,
    "mlflow": lambda folder: read_mlflow(
        f"sqlite:///{folder}/trackers/mlflow/mlflow.db", "sr-tuner", folder
    ),
    "tensorboard": read_tensorboard,
    "wandb": read_wandb,
    "own": read_lines,
}
"""Of what a study with a tracker's defaults has written, by the tracker's type."""
