"""Loading a study file, with changes from the command line, as a checked `StudyConfig`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sr_models.errors import UserError
from tuner.config.checks import Problem, shown, unknown_path
from tuner.config.checks.problem import closest_or_all, similar
from tuner.config.file import read_text
from tuner.config.overrides import override, parse_override
from tuner.config.parse import OBJECTIVE, InvalidStudyError, objective_of, study_of
from tuner.config.study import Sections, StudyConfig
from tuner.config.yaml_file import parse_yaml
from tuner.space import paths, schema
from tuner.space.paths import MISSING
from tuner.space.values import same
from tuner.trackers import scrub

if TYPE_CHECKING:
    from tuner.objectives.protocol import Objective

MOST_PROBLEMS = 25
"""Number of problems of a file that are listed."""


def load_study(
    path: Path | str, overrides: Sequence[str] = (), objective: "Objective | None" = None
) -> StudyConfig:
    """Read, override and check a study file.

    Args:
        path: the YAML file; its name is the name of a study that has none.
        overrides: `PATH=VALUE`, as after `--set`.
        objective: the objective itself, in place of the code that the file names.

    Raises:
        UserError: everything that is wrong with it, a problem a line: file, key, value and rule.
    """
    document = _sections(parse_yaml(read_text(Path(path)), str(path)), str(path))
    folder = Path(path).parent
    changes = [parse_override(text) for text in overrides]
    for key, value in changes:
        config_type = _config_type(document, folder, objective)
        _check_section(key, config_type)
        document = override(document, key, value, config_type)
    if document.get("study") is None:
        document["study"] = Path(path).stem
    try:
        return study_of(document, folder, objective)
    except InvalidStudyError as error:
        config_type = _config_type(document, folder, objective)
        problems = [_improved(problem, config_type) for problem in error.problems]
        raise UserError(_message(str(path), problems, [key for key, _ in changes])) from None


def replaced_sections(path: Path, overrides: Sequence[str], study: StudyConfig) -> list[str]:
    """Return what --set has changed besides the key it names, by replacing a whole section.

    Args:
        path: the study file.
        overrides: the overrides that `load_study` was given.
        study: the resulting study.
    """
    document = _sections(parse_yaml(read_text(path), str(path)), str(path))
    told = []
    for key, value in map(parse_override, overrides):
        before = paths.get(document, key)
        if not (isinstance(before, Mapping) and isinstance(value, Mapping)):
            continue
        now = paths.get({OBJECTIVE: study.objective_config.model_dump(mode="json")}, key)
        changes = [
            f"{name} is now {shown(new)}, not {shown(old)}"
            for name, old in before.items()
            if name not in value
            and (new := paths.child(now, name)) is not MISSING
            and not _holds(new, old)
        ]
        if changes:
            told.append(f"--set {key} replaces the whole section: {'; '.join(changes)}")
    return told


def _holds(new: Any, old: Any) -> bool:
    """Whether a value is the old value, perhaps with its defaults filled in."""
    if isinstance(new, Mapping) and isinstance(old, Mapping):
        return all(_holds(paths.child(new, key), value) for key, value in old.items())
    return same(new, old)


def _sections(document: Any, name: str) -> dict[str, Any]:
    if document is None:
        raise UserError(f"{name}: the file is empty; a study needs at least an objective")
    if not isinstance(document, dict):
        raise UserError(f"{name}: must hold sections, such as `objective: ...`, and `search: ...`")
    return document


def _config_type(
    document: Mapping[str, Any], folder: Path, objective: "Objective | None"
) -> schema.Spec:
    """The config type of the document's objective; None if it names none."""
    given = {key: value for key, value in document.items() if value is not None}
    try:
        return objective_of(given, folder, objective).config_type
    except InvalidStudyError:
        return None


def _check_section(path: str, config_type: schema.Spec) -> None:
    """Refuse a --set with an unknown section, before it creates that section."""
    if path.partition(".")[0] not in (OBJECTIVE, *Sections.model_fields):
        raise UserError(f"--set {path}: {_unknown_section(path, config_type)}")


def _improved(problem: Problem, config_type: schema.Spec) -> Problem:
    """The problem of an unknown section with a hint at similar sections."""
    if "." in problem.path or not problem.rule.startswith("unknown key"):
        return problem
    return Problem(problem.path, _unknown_section(problem.path, config_type), problem.value)


def _unknown_section(path: str, config_type: schema.Spec) -> str:
    section, sections = path.partition(".")[0], [OBJECTIVE, *Sections.model_fields]
    # an objective may take any key, so only one that it declares is a better guess
    declared = section in schema.keys(config_type, "") or not similar(section, sections)
    if declared and unknown_path(path, config_type) is None:
        return f"unknown key; did you mean {OBJECTIVE}.{path}?"
    return f"unknown key{closest_or_all(section, sections)}"


def _message(name: str, problems: Sequence[Problem], changed: Sequence[str]) -> str:
    lines = [f"{name}: {_line(problem, changed)}" for problem in problems[:MOST_PROBLEMS]]
    more = len(problems) - MOST_PROBLEMS
    return "\n".join([*lines, f"... and {more} more"] if more > 0 else lines)


def _line(problem: Problem, changed: Sequence[str]) -> str:
    from_set = any(
        paths.inside(problem.path, key) or paths.inside(key, problem.path) for key in changed
    )
    line = f"{problem} (from --set)" if from_set and problem.path else str(problem)
    return scrub(line) if problem.path.startswith("trackers.") else line
