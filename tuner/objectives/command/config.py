"""The objective section of a study that runs a command."""

from pathlib import PurePath
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from sr_models.frozen import FrozenConfig
from tuner.objectives.function import FreeParams


def _in_the_folder(place: str) -> str:
    """Check that a path is inside the trial's folder."""
    path = PurePath(place)
    if not path.parts or path.is_absolute() or ".." in path.parts:
        raise ValueError("must be a path inside the trial's folder, such as log.csv")
    return place


class MetricFiles(FrozenConfig):
    """Files with metrics that a script writes anyway, both in the trial's folder.

    Args:
        csv: a table with a header, such as `log.csv` or `**/metrics.csv`.
        tensorboard: a folder of event files, such as `runs`.
        each: the metric whose values mark the end of an epoch; by default every row of the table
            does.
    """

    csv: str | None = None
    tensorboard: str | None = None
    each: str | None = None

    @model_validator(mode="after")
    def _some_source(self) -> Self:
        if (self.csv is None) == (self.tensorboard is None):
            raise ValueError("needs csv or tensorboard")
        if self.tensorboard is not None and self.each is None:
            raise ValueError("needs each: the tag whose values end an epoch")
        return self

    @field_validator("csv")
    @classmethod
    def _table_lies_in_the_folder(cls, place: str | None) -> str | None:
        return None if place is None else _in_the_folder(place)

    @field_validator("tensorboard")
    @classmethod
    def _events_lie_in_the_folder(cls, place: str | None) -> str | None:
        """Check that the event files are in the trial's folder, or in a folder inside it."""
        return place if place in (None, ".") else _in_the_folder(place)

    def __str__(self) -> str:
        """Return a description of what is looked for."""
        if self.csv is None:
            return f"a value of {self.each} in the event files of {self.tensorboard}"
        return f"a row of {self.csv}" + (f" with a value of {self.each}" if self.each else "")


class CommandConfig(FreeParams):
    """A command, and its params: all other keys.

    Args:
        command: program and arguments; `{lr}` is replaced by the param `lr`. `python` is the
            interpreter that runs the search.
        environment: further environment variables of the command; `{lr}` as above. A variable whose
            param the trial does not have is left out.
        files: file in the trial's folder -> template that it is made from, in which `{lr}` is
            replaced by the param.
        metrics: where metrics are read; by default from the file named by `TUNER_METRICS`, to which
            the command appends a JSON object after each epoch.
        grace: seconds that the command has to save its state when it is stopped.
        max_epochs: epochs of a full trial; by default a trial ends when the command does.
        seed: the param that repeats of a trial change.
    """

    command: tuple[str, ...] = Field(min_length=1)
    environment: dict[str, str] = Field(default_factory=dict)
    files: dict[str, str] = Field(default_factory=dict)
    metrics: MetricFiles | None = None
    grace: float = Field(default=10.0, ge=0)

    @field_validator("files")
    @classmethod
    def _files_lie_in_the_folder(cls, files: dict[str, str]) -> dict[str, str]:
        for name in files:
            _in_the_folder(name)
        return files

    def params(self) -> dict[str, Any]:
        """Return the command's params: its own keys, and `max_epochs` and `seed` if set."""
        ours = {name for name in CommandConfig.model_fields if name not in FreeParams.model_fields}
        unset = {name for name in FreeParams.model_fields if getattr(self, name) is None}
        return self.model_dump(mode="json", exclude=ours | unset)
