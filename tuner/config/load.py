"""From a study file to a `StudyConfig`, and back."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tuner.config.study import Sections, StudyConfig


def load_study(path: Path | str, overrides: Sequence[str] = ()) -> StudyConfig:
    """Read, override and check a study file.

    Raises:
        UserError: all that is wrong with it, one problem a line: file, key, value and rule.
    """
    from tuner.objectives import get_objective

    document: dict[str, Any] = yaml.safe_load(Path(path).read_text())
    objective = dict(document.pop("objective", {}))
    kind = objective.pop("type", "super_resolution")
    sections = Sections.model_validate(document)
    return StudyConfig(
        **{name: getattr(sections, name) for name in Sections.model_fields},
        objective_type=kind,
        objective_config=get_objective(kind).config_type.model_validate(objective),
    )


def dump_study(config: StudyConfig) -> str:
    """The resolved study as YAML; `load_study` reads the same config back."""
    document = config.model_dump(mode="json")
    objective = {"type": document.pop("objective_type"), **document.pop("objective_config")}
    return yaml.safe_dump({**document, "objective": objective}, sort_keys=False)
