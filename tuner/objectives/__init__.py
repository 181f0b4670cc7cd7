"""The objectives, by the `type` that a study file names."""

from importlib import import_module
from pathlib import Path

from sr_models.errors import UserError
from tuner.objectives.protocol import Objective

# Each module holds its `OBJECTIVE`; it is imported only when a study uses it.
_MODULES = {
    "super_resolution": "tuner.objectives.super_resolution",
    "surrogate": "tuner.objectives.surrogate",
    "analytic": "tuner.objectives.analytic",
    "command": "tuner.objectives.command",
}
OBJECTIVES = tuple(_MODULES)


def get_objective(name: str, folder: Path | None = None) -> Objective:
    """Return the objective of a study file's `type`.

    Args:
        name: the name of a built-in objective, or `module:name` or `file.py:name`.
        folder: the folder of the study file, where modules and files are looked for.

    Raises:
        UserError: there is no such objective, or it cannot be imported.
    """
    if ":" in name:
        from tuner.objectives.loading import load_own

        return load_own(name, folder or Path.cwd())
    if name not in _MODULES:
        raise UserError(f"objective.type: {name!r} is not one of {', '.join(OBJECTIVES)}")
    objective: Objective = import_module(_MODULES[name]).OBJECTIVE
    return objective
