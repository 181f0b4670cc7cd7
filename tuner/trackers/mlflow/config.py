"""MLflow: its settings, and how the store that they name is opened."""

import os
from shlex import quote
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator

from tuner.trackers.base import TrackerSettings
from tuner.trackers.secrets import has_credentials, scrub
from tuner.trackers.sync.location import own_folder

if TYPE_CHECKING:
    from tuner.trackers.mlflow.runs import Mlflow
    from tuner.trackers.views.study import StudyView

_URI = "MLFLOW_TRACKING_URI"


class MlflowConfig(TrackerSettings):
    """Where MLflow keeps the copy.

    Args:
        uri: a server (`http://...`) or a database (`sqlite:///mlflow.db`). By default the
            environment variable MLFLOW_TRACKING_URI or, without it, a SQLite store inside the
            results folder, `trackers/mlflow/mlflow.db`. User and password belong in the environment
            (MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD), never in here.
        experiment: MLflow's experiment, which holds the runs of all studies that name it.
        log_model: whether the best model is logged, with its signature, when the study ends.
    """

    type: Literal["mlflow"] = "mlflow"
    uri: str | None = Field(default=None, min_length=1)
    experiment: str = Field(default="sr-tuner", min_length=1)
    log_model: bool = True

    package: ClassVar[str] = "mlflow"
    oldest: ClassVar[str] = "3.0"

    @field_validator("uri")
    @classmethod
    def _no_credentials(cls, uri: str | None) -> str | None:
        if uri is not None and has_credentials(uri):
            raise ValueError(
                "an address with a password does not belong in a study file; set "
                "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_URI"
            )
        return uri

    @property
    def address(self) -> str | None:
        """The server or database in use; None for the study's own store."""
        return self.uri or os.environ.get(_URI) or None

    def destination(self) -> str:
        """Return where the copy is."""
        return f"{scrub(self.address or 'local')} {self.experiment}"

    def connect(self, study: "StudyView") -> "Mlflow":
        """Open the store, and the runs of this study if it has some."""
        # A server that is gone is given up after some 15 s instead of minutes.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "4")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "1")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        from mlflow import MlflowClient

        from tuner.trackers.mlflow.runs import Mlflow, known_runs
        from tuner.trackers.mlflow.store import local_store, open_experiment, opening_lock

        place = f"the experiment {self.experiment} of {scrub(self.address or '')}"
        store = self.address
        if store is None:
            folder = own_folder(study.folder, self.type).path
            store = local_store(folder)
            database, artifacts = quote(str(folder / "mlflow.db")), quote(str(folder / "artifacts"))
            place = (
                f"{folder}\n  look at it: mlflow server --backend-store-uri "
                f"sqlite:///{database} --artifacts-destination {artifacts}"
            )
        with opening_lock(self.address or ""):
            client = MlflowClient(store)
            experiment = open_experiment(
                client, self.experiment, store=store, local=self.address is None
            )
        runs = known_runs(client, experiment, study)
        return Mlflow(client, experiment, place, runs, not runs, self.log_model)
