"""The objective section of a study that runs a command."""

from pathlib import PurePath
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from sr_models.frozen import FrozenConfig
from tuner.objectives.function import FreeParams


def _in_the_folder(place: str) -> str:
    """A path in the trial's folder."""
    path = PurePath(place)
    if not path.parts or path.is_absolute() or ".." in path.parts:
        raise ValueError("must be a path inside the trial's folder, such as log.csv")
    return place


class MetricFiles(FrozenConfig):
    """Files of metrics that a script writes anyway; both are looked for in the trial's folder.

    Args:
        csv: a table with a header, such as `log.csv` or `**/metrics.csv`.
        tensorboard: a folder of event files, such as `runs`.
        each: the metric whose values end an epoch; unset, every row of the table does.
    """

    csv: str | None = None
    tensorboard: str | None = None
    each: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
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
        """They may also lie in the folder itself."""
        return place if place in (None, ".") else _in_the_folder(place)

    def __str__(self) -> str:
        """What is looked for, in words."""
        if self.csv is None:
            return f"a value of {self.each} in the event files of {self.tensorboard}"
        return f"a row of {self.csv}" + (f" with a value of {self.each}" if self.each else "")


class CommandConfig(FreeParams):
    """A command, and its params: all other keys.

    Args:
        command: program and arguments; `{lr}` stands for the param `lr`. `python` is the
            interpreter that runs the search.
        environment: further variables for the command; `{lr}` as above, and one whose param the
            trial does not have is left out.
        files: file in the trial's folder -> template that it is made from, in which `{lr}` stands
            for the param.
        metrics: where metrics are read; unset, from the file named by `TUNER_METRICS`, to which
            the command appends a JSON object after each epoch.
        grace: seconds that the command has to save what it needs when it is stopped.
        max_epochs: where a trial ends; unset, where the command does.
        seed: what repeats of a trial change.
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
        """The command's params: what is set of its own keys, `max_epochs` and `seed`."""
        ours = {name for name in CommandConfig.model_fields if name not in FreeParams.model_fields}
        unset = {name for name in FreeParams.model_fields if getattr(self, name) is None}
        return self.model_dump(mode="json", exclude=ours | unset)
