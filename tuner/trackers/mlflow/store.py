"""MLflow's store inside a results folder, which can be moved and zipped with it.

MLflow writes absolute paths of this machine into its database, unless the artifacts are on a server
(`mlflow-artifacts:`). So such an address is given, and this process answers for it; afterwards
`mlflow server --artifacts-destination` does.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

from sr_models.file_lock import locked

if TYPE_CHECKING:
    from mlflow import MlflowClient

_SCHEME = "mlflow-artifacts"
_SQLITE = "sqlite:///"
_KIND = {"mlflow.experimentKind": "custom_model_development"}  # not for prompts and agents


def local_store(folder: Path) -> str:
    """Prepare the store in `folder` and return its address; artifacts are in `artifacts/`.

    Raises:
        ValueError: the folder's path would mean another folder inside an address.
    """
    database = (folder / "mlflow.db").absolute()
    address = f"{_SQLITE}{database}"
    _require_read_as(address, database)
    from mlflow.store.artifact.artifact_repository_registry import _artifact_repository_registry
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

    def repository(uri: str, *_: Any, **__: Any) -> LocalArtifactRepository:
        return LocalArtifactRepository(str(artifacts / urlparse(uri).path.lstrip("/")))

    artifacts = (folder / "artifacts").absolute()
    artifacts.mkdir(exist_ok=True)
    _artifact_repository_registry.register(_SCHEME, repository)
    if not database.exists():
        make_database(database)
    return address


def _require_read_as(address: str, database: Path) -> None:
    from sqlalchemy.engine import make_url

    if make_url(address).database != str(database):
        raise ValueError(
            "MLflow opens no database below a folder with ?, or % and two digits, in its name: "
            f"{database.parent}"
        )


@contextmanager
def opening_lock(store: str) -> Iterator[None]:
    """Let studies open a shared database one after the other.

    MLflow creates its tables when it first opens a database, and fails if another process does so
    too.
    """
    if not store.startswith(_SQLITE):
        yield
        return
    database = Path(store.removeprefix(_SQLITE)).absolute()
    with locked(database.with_name(f".{database.name}.lock")):
        yield


def open_experiment(client: "MlflowClient", name: str, *, store: str, local: bool) -> str:
    """Return the id of the experiment `name`, which is created if necessary.

    Raises:
        ValueError: the experiment is deleted; restore it, or name another.
    """
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(name)
    if found is not None:
        if found.lifecycle_stage != "active":
            raise ValueError(f"the experiment {name!r} is deleted; restore it, or name another")
        return str(found.experiment_id)
    location = f"{_SCHEME}:/runs" if local else _beside(store)
    try:
        return str(client.create_experiment(name, artifact_location=location, tags=_KIND))
    except MlflowException:
        made = client.get_experiment_by_name(name)  # created by another study at the same time
        if made is None:
            raise
        return str(made.experiment_id)


def _beside(store: str) -> str | None:
    """`mlruns` beside a SQLite file; MLflow itself would use the current folder."""
    if not store.startswith(_SQLITE):
        return None
    return str(Path(store.removeprefix(_SQLITE)).absolute().parent / "mlruns")


def make_database(database: Path) -> None:
    """Create an empty database, whose default experiment does not hold this machine's path.

    It has another name until it is complete: MLflow cannot use an incomplete database.
    """
    from mlflow import MlflowClient

    new = database.with_suffix(".new")
    new.unlink(missing_ok=True)
    MlflowClient(f"sqlite:///{new}").get_experiment("0")
    with closing(sqlite3.connect(new)) as connection, connection:
        connection.execute(f"UPDATE experiments SET artifact_location = '{_SCHEME}:/0'")
    new.replace(database)
