"""Where results may lie: in a file system, since study.db is written while it is read."""

import re
from pathlib import Path

from sr_models.errors import UserError

_URL = re.compile(r"([a-z][a-z0-9+.-]+):/+(.*)", re.IGNORECASE)


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
