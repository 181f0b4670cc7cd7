"""Where results may lie, and what the folder of a study holds."""

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
"""What a study itself puts into its folder; all else there is its objective's, from `prepare`."""

_URL = re.compile(r"([a-z][a-z0-9+.-]+):/+(.*)", re.IGNORECASE)


def prepared_files(study: Path) -> list[Path]:
    """Files and folders that an objective's `prepare` has put into a study's folder."""
    if not study.is_dir():
        return []
    return [
        path for path in study.iterdir() if path.name not in OWN and not path.name.startswith(".")
    ]


def results_folder(place: str | Path) -> Path:
    """The folder that was given for results.

    Raises:
        UserError: it is an address of an object store, such as s3://bucket; what to do instead.
    """
    address = _URL.fullmatch(str(place))
    if address is None:
        return Path(place)
    url = f"{address[1]}://{address[2]}"
    raise UserError(
        f"{url}: results need a file system, since study.db is read while it is written; give a "
        "folder of this machine, which no other machine need see, and copy it when the study has "
        "ended; or a volume that outlives the machine"
    )
