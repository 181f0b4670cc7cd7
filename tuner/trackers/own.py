"""A tracker of one's own, by the name of its class or function."""

from typing import TYPE_CHECKING, Literal

from sr_models.own_code import OwnPart
from tuner.trackers.base import TrackerSettings

if TYPE_CHECKING:
    from tuner.trackers.protocol import Tracker
    from tuner.trackers.views.study import StudyView


class OwnTrackerConfig(OwnPart, TrackerSettings):
    """A tool that no file of this package knows.

    `code` takes the study (a `StudyView`) and `args`, and makes what `tuner.trackers.protocol`
    calls a `Tracker`; it runs in a process of its own.
    """

    type: Literal["own"] = "own"

    def check(self) -> None:
        """Find out whether the code can be imported.

        Raises:
            CodeError: it cannot.
        """
        self.load()

    def destination(self) -> str:
        """The code and its arguments; other ones begin from the start."""
        return f"{self.code} {sorted(self.args.items())}"

    def connect(self, study: "StudyView") -> "Tracker":
        """Call the code."""
        made: Tracker = self.call(study)
        return made
