"""The base class of tracker configs."""

import importlib.metadata
from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from sr_models.errors import UserError
from sr_models.frozen import FrozenConfig

if TYPE_CHECKING:
    from tuner.trackers.protocol import Tracker
    from tuner.trackers.views.study import StudyView


class TrackerSettings(FrozenConfig):
    """Settings that every tracker has.

    Args:
        timeout: seconds that a tracker may take for a piece of work (a trial's new epochs, its
            pictures, the last flush) before it is cut off and the study continues without it.
    """

    type: str
    timeout: float = Field(default=120.0, gt=0)

    package: ClassVar[str]
    """The package that it needs, by its name on PyPI."""
    oldest: ClassVar[str]
    """The oldest version of the package that it works with."""

    def check(self) -> None:
        """Check, before a study starts, whether this tracker can be used.

        Raises:
            UserError: its package is missing, or a setting or environment variable is.
        """
        try:
            found = importlib.metadata.version(self.package)
        except importlib.metadata.PackageNotFoundError:
            raise UserError(self._install("is not installed")) from None
        if _numbers(found) < _numbers(self.oldest):
            raise UserError(self._install(f"is version {found}, older than {self.oldest}"))

    @abstractmethod
    def destination(self) -> str:
        """Return where the copy goes, without secrets; elsewhere it starts from the beginning."""

    @abstractmethod
    def connect(self, study: "StudyView") -> "Tracker":
        """Open the tool for this study; imports its package."""

    def _install(self, problem: str) -> str:
        command = f'pip install "{self.package}>={self.oldest}"'
        return f"trackers: {self.type}: the package {self.package} {problem}; {command}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
