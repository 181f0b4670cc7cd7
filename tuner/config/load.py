"""From a study file to a checked `StudyConfig`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sr_models.errors import UserError
from sr_models.frozen import Frozen
from tuner.config.file import read_text
from tuner.config.overrides import override, parse_override
from tuner.config.study import Sections, StudyConfig
from tuner.config.yaml_file import parse_yaml
from tuner.space import paths
from tuner.validation import (
    Problem,
    check_baselines,
    check_rules,
    check_space,
    check_structure,
    explain,
    unknown_path,
)

if TYPE_CHECKING:
    from tuner.objectives.protocol import Objective

DEFAULT_OBJECTIVE = "super_resolution"
MOST_PROBLEMS = 25
"""Problems of one file that are listed."""


def load_study(path: Path | str, overrides: Sequence[str] = ()) -> StudyConfig:
    """Read, override and check a study file.

    Args:
        path: the YAML file.
        overrides: `PATH=VALUE`, as after `--set`.

    Raises:
        UserError: all that is wrong with it, one problem a line: file, key, value and rule.
    """
    document = _mapping(parse_yaml(read_text(Path(path)), str(path)), str(path))
    changed: list[str] = []
    for text in overrides:
        key, value = parse_override(text)
        _check_section(text, key, document)
        document = override(document, key, value, _config_type(document))
        changed.append(key)
    document.setdefault("study", Path(path).stem)
    try:
        return study_of(document)
    except InvalidStudyError as error:
        raise UserError(_message(str(path), error.problems, changed)) from None


class InvalidStudyError(ValueError):
    """What is wrong with a study, before it is known which file it is from."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def study_of(document: Mapping[str, Any]) -> StudyConfig:
    """The study of a document.

    Raises:
        InvalidStudyError: it breaks a rule.
    """
    sections = {key: value for key, value in document.items() if value is not None}
    kind, settings = _objective_section(sections.pop("objective", {}))
    objective = _objective(kind)
    problems: list[Problem] = []
    config = _validated(objective.config_type, settings, "objective", problems)
    rest = _validated(Sections, sections, "", problems)
    if config is None or rest is None:
        raise InvalidStudyError([_belonging(problem, objective) for problem in problems])
    study = StudyConfig(
        **{name: getattr(rest, name) for name in Sections.model_fields},
        objective_type=kind,
        objective_config=config,
    )
    _check(study, objective)
    return study


def _check(study: StudyConfig, objective: "Objective") -> None:
    """All rules that need more than one section."""
    if problems := check_structure(study.search, objective.config_type):
        raise InvalidStudyError(problems)
    space = study.space()
    problems = [
        *check_rules(study, space, objective),
        *check_baselines(space, study.baselines),
        *check_space(space),
    ]
    if problems:
        raise InvalidStudyError(problems)


def _validated(
    config_type: type[Frozen], data: Any, prefix: str, problems: list[Problem]
) -> Frozen | None:
    try:
        # As JSON: lists may be tuples and text may be paths, but "5" is no number.
        return config_type.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        problems += explain(error, data, config_type, prefix)
        return None


def _objective_section(section: Any) -> tuple[str, dict[str, Any]]:
    if not isinstance(section, Mapping):
        raise InvalidStudyError([Problem("objective", "must be a section (key: value)", section)])
    settings = {key: value for key, value in section.items() if key != "type"}
    return section.get("type", DEFAULT_OBJECTIVE), settings


def _objective(kind: Any) -> "Objective":
    from tuner.objectives import OBJECTIVES, get_objective
    from tuner.validation.problem import closest, listed

    if kind not in OBJECTIVES:
        rule = f"must be {listed(OBJECTIVES)}{closest(kind, OBJECTIVES)}"
        raise InvalidStudyError([Problem("objective.type", rule, kind)])
    return get_objective(kind)


def _config_type(document: Mapping[str, Any]) -> type[Frozen] | None:
    """The config type of the document's objective; None where it names none."""
    try:
        return _objective(_objective_section(document.get("objective") or {})[0]).config_type
    except InvalidStudyError:
        return None


def _mapping(document: Any, name: str) -> dict[str, Any]:
    if document is None:
        raise UserError(f"{name}: the file is empty; a study needs at least an objective")
    if not isinstance(document, dict):
        raise UserError(f"{name}: must hold sections (objective: ..., search: ...), not a value")
    return document


def _check_section(text: str, key: str, document: Mapping[str, Any]) -> None:
    """A path that forgot the leading `objective` would only be an unknown section."""
    section = key.partition(".")[0]
    if section in Sections.model_fields or section == "objective":
        return
    if unknown_path(key, _config_type(document)) is None:
        raise UserError(f"--set {text}: unknown key; did you mean objective.{key}?")


def _belonging(problem: Problem, objective: "Objective") -> Problem:
    """A section of the objective at the top of a file is told where it belongs."""
    if (
        problem.rule.startswith("unknown key")
        and problem.path in objective.config_type.model_fields
    ):
        return Problem(problem.path, f"unknown key; did you mean objective.{problem.path}?")
    return problem


def _message(name: str, problems: Sequence[Problem], changed: Sequence[str]) -> str:
    lines = [
        f"{name}: {problem}{_origin(problem, changed)}" for problem in problems[:MOST_PROBLEMS]
    ]
    more = len(problems) - MOST_PROBLEMS
    return "\n".join([*lines, f"... and {more} more"] if more > 0 else lines)


def _origin(problem: Problem, changed: Sequence[str]) -> str:
    from_set = any(
        paths.inside(problem.path, key) or paths.inside(key, problem.path) for key in changed
    )
    return " (from --set)" if from_set and problem.path else ""
