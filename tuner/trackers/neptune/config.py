"""Neptune: offline by default (its hosted service has closed), or on your own server."""

import base64
import binascii
import json
import os
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from sr_models.errors import UserError
from tuner.trackers.base import TrackerSettings
from tuner.trackers.sync.location import own_folder

if TYPE_CHECKING:
    from tuner.trackers.neptune.runs import Neptune
    from tuner.trackers.views.study import StudyView

_TOKEN = "NEPTUNE_API_TOKEN"
_PROJECT = "NEPTUNE_PROJECT"


class NeptuneConfig(TrackerSettings):
    """How Neptune is used.

    Args:
        mode: `offline` writes Neptune's own files into the results folder and needs no server.
            `server` sends to a self-hosted Neptune, found by NEPTUNE_API_TOKEN (which holds its
            address) and `project`.
        project: `workspace/name` on the server; by default NEPTUNE_PROJECT.
    """

    type: Literal["neptune"] = "neptune"
    mode: Literal["offline", "server"] = "offline"
    project: str | None = Field(default=None, min_length=1)

    package: ClassVar[str] = "neptune"
    oldest: ClassVar[str] = "1.14"

    def check(self) -> None:
        """Check the package and, for a server, its token and project.

        Raises:
            UserError: the package, the token or the project is missing, or the token belongs to the
                hosted service, which has closed.
        """
        super().check()
        if self.mode == "offline":
            return
        where = "trackers: neptune: mode: server"
        if not os.environ.get(_TOKEN):
            raise UserError(f"{where} needs the environment variable {_TOKEN} of your server")
        if not (self.project or os.environ.get(_PROJECT)):
            raise UserError(f"{where} needs `project: workspace/name`, or {_PROJECT}")
        if _address(os.environ[_TOKEN]).endswith(".neptune.ai"):
            raise UserError(
                f"{where}: {_TOKEN} belongs to neptune.ai's hosted service, which closed on "
                "5 March 2026; use a self-hosted server's token, or mode: offline"
            )

    def destination(self) -> str:
        """Return where the copy is."""
        if self.mode == "offline":
            return "local"
        address = _address(os.environ.get(_TOKEN, ""))
        return f"{address}/{self.project or os.environ.get(_PROJECT)}"

    def connect(self, study: "StudyView") -> "Neptune":
        """Prepare the package; a run is started for each trial."""
        from tuner.trackers.neptune.runs import DATA, Neptune

        folder = own_folder(study.folder, self.type)
        os.environ["NEPTUNE_DATA_DIRECTORY"] = str(folder.path / DATA)
        offline = self.mode == "offline"
        return Neptune(
            root=folder.path,
            project=self.project,
            server=None if offline else self.destination(),
            is_new=folder.is_new and offline,
        )


def _address(token: str) -> str:
    """The server's address in a Neptune token; empty if it is not such a token."""
    try:
        found = json.loads(base64.b64decode(token))
        return str(found.get("api_url") or found["api_address"]).rstrip("/")
    except (binascii.Error, ValueError, KeyError, AttributeError):
        return ""
