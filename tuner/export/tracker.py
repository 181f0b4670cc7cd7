"""Sending a finished study to a tracker, as if the tracker had been there from the start."""

from pydantic import TypeAdapter, ValidationError

from sr_models.errors import UserError
from tuner.analysis.snapshot import Snapshot
from tuner.config import load_study
from tuner.trackers import TRACKERS, TrackerConfig, TrackerSettings, export_to_tracker


def send(study: Snapshot, kind: str) -> str:
    """Send a study to the tracker of this type; return a line that says where the copy is.

    The settings are those of the study file if it names the tracker, else the defaults.

    Raises:
        UserError: there is no such tracker, or it cannot be used.
    """
    return f"wrote {export_to_tracker(study.folder, _settings(study, kind))}"


def _settings(study: Snapshot, kind: str) -> TrackerSettings:
    known = sorted(tracker.model_fields["type"].default for tracker in TRACKERS)
    if kind not in known:
        raise UserError(f"--tracker {kind!r} is not one of {', '.join(known)}")
    for tracker in load_study(study.folder / "study.yaml").trackers:
        if tracker.type == kind:
            return tracker
    try:
        found: TrackerSettings = TypeAdapter(TrackerConfig).validate_python(kind)
    except ValidationError as error:
        raise UserError(f"--tracker {kind}: the study file does not say which code") from error
    return found
