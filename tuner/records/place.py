"""The folders that can hold results, and the files in the folder of a study."""

import re
from pathlib import Path

from sr_models.errors import UserError

OWN = frozenset(
    {
        "study.yaml",
        "environment.json",
        "study.db",
        "study.db-journal",
        "study.lock",
        "notes.json",
        "report.html",
        "trials",
        "trackers",
    }
)
"""Files that the study itself writes into its folder; all others come from `Objective.prepare`."""

_URL = re.compile(r"([a-z][a-z0-9+.-]+):/+(.*)", re.IGNORECASE)


def prepared_files(study: Path) -> list[Path]:
    """Return the files and folders that the objective's `prepare` has put into a study's folder."""
    if not study.is_dir():
        return []
    return [
        path for path in study.iterdir() if path.name not in OWN and not path.name.startswith(".")
    ]


def results_folder(place: str | Path) -> Path:
    """Return the results folder as a path.

    Raises:
        UserError: `place` is the URL of an object store, such as s3://bucket.
    """
    address = _URL.fullmatch(str(place))
    if address is None:
        return Path(place)
    url = f"{address[1]}://{address[2]}"
    raise UserError(
        f"{url}: results need a file system, because study.db is read while it is written; use a "
        "folder on this machine (no other machine needs to see it) and copy it when the study has "
        "ended, or a volume that outlives the machine"
    )
