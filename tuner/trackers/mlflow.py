"""MLflow: the study as a parent run, its trials as child runs, the best model with signature."""

from typing import ClassVar, Literal

from pydantic import Field, field_validator

from tuner.trackers.base import TrackerSettings
from tuner.trackers.secrets import has_credentials


class MlflowConfig(TrackerSettings):
    """Where MLflow keeps the copy.

    Args:
        uri: a server (`http://...`) or a database (`sqlite:///mlflow.db`). None: that of the
            environment variable MLFLOW_TRACKING_URI, and without one a SQLite store inside the
            results folder, `trackers/mlflow/mlflow.db`. User and password belong into the
            environment (MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD), never in here.
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
