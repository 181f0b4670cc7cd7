"""A study as YAML, with all defaults filled in."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sr_models.source import seen_from
from tuner.config.durations import format_duration, parse_duration
from tuner.config.study import Sections, StudyConfig
from tuner.config.yaml_file import Inline, format_yaml
from tuner.space import Dimension, paths, schema
from tuner.space.written import written

_ORDER = ("study", "description", "objective", "search", "baselines", "metric", "sampler")


def dump_study(study: StudyConfig, folder: Path | None = None) -> str:
    """Return the resolved study; `load_study` reads the same config and the same space from it.

    Args:
        study: the study to write.
        folder: the folder it is to be written to; paths of code files become relative to it.
    """
    document = {name: _section(study, name) for name in Sections.model_fields}
    kind = study.objective_type if folder is None else seen_from(folder, study.objective_type)
    document["objective"] = {"type": kind, **_objective(study)}
    given = {name: value for name, value in document.items() if value not in (None, {}, [], "")}
    names = [*(name for name in _ORDER if name in given), *given]
    return format_yaml({name: given[name] for name in dict.fromkeys(names)})


def _section(study: StudyConfig, name: str) -> Any:
    value = getattr(study, name)
    if name == "search":
        return {path: _dimension(dimension) for path, dimension in value.items()}
    if name == "baselines":
        return {
            key: baseline.model_dump(mode="json", exclude_defaults=True)
            for key, baseline in value.items()
        }
    if name == "metric":
        metrics = [
            metric
            if isinstance(metric, str)
            else metric.model_dump(mode="json", exclude_defaults=True)
            for metric in study.metric or ()
        ]
        return metrics[0] if len(metrics) == 1 else metrics
    if name == "budget" and value.wall_clock is not None:
        text = format_duration(value.wall_clock)
        exact = parse_duration(text) == value.wall_clock
        return {**filled(value), "wall_clock": text if exact else value.wall_clock}
    return _plain(value)


def _dimension(dimension: Dimension) -> Inline:
    plain = dimension.model_dump(mode="json", exclude_defaults=True)
    return Inline(sorted(plain.items(), key=lambda item: item[0] == "when"))


def _objective(study: StudyConfig) -> dict[str, Any]:
    """The objective's config with its defaults.

    If a search or a baseline changes the `type` of a section, the section stays as it was written:
    under a new type, written values are kept and defaults are not.
    """
    config: Any = filled(study.objective_config)
    as_written = written(study.objective_config)
    set_paths = [
        *study.search,
        *(path for baseline in study.baselines.values() for path in baseline.set),
    ]
    for path in set_paths:
        section, _, key = path.rpartition(".")
        if key == schema.TAG and paths.get(as_written, section) is not paths.MISSING:
            config = paths.put(config, section, paths.get(as_written, section))
    return dict(config)


def filled(config: BaseModel) -> dict[str, Any]:
    """Return a config as plain data with its defaults, without those that are None."""
    plain = config.model_dump(mode="json")
    fields = sorted(type(config).model_fields.items(), key=lambda item: item[0] != schema.TAG)
    free = {key: plain[key] for key in config.model_extra or {}}
    return free | {
        key: _plain(getattr(config, key), plain[key])
        for key, field in fields
        if not (plain[key] is None and field.get_default(call_default_factory=True) is None)
    }


def _plain(value: Any, plain: Any = None) -> Any:
    if isinstance(value, BaseModel):
        return filled(value)
    if isinstance(value, dict) and any(isinstance(item, BaseModel) for item in value.values()):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        items = plain or value
        return [_plain(item, dumped) for item, dumped in zip(value, items, strict=True)]
    return value if plain is None else plain
