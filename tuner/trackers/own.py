"""The user's own tracker, by the name of its class or function."""

from typing import TYPE_CHECKING, Literal

from sr_models.own_code import OwnPart
from tuner.trackers.base import TrackerSettings

if TYPE_CHECKING:
    from tuner.trackers.protocol import Tracker
    from tuner.trackers.views.study import StudyView


class OwnTrackerConfig(OwnPart, TrackerSettings):
    """A tool that this package does not know.

    `code` is called with the study (a `StudyView`) and `args`, and returns a `Tracker` (see
    `tuner.trackers.protocol`); it runs in a process of its own.
    """

    type: Literal["own"] = "own"

    def check(self) -> None:
        """Check whether the code can be imported.

        Raises:
            CodeError: it cannot.
        """
        self.load()

    def destination(self) -> str:
        """Return the code and its arguments; if they change, the copy starts from the beginning."""
        return f"{self.code} {sorted(self.args.items())}"

    def connect(self, study: "StudyView") -> "Tracker":
        """Call the code."""
        made: Tracker = self.call(study)
        return made
