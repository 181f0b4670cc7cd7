"""Weights & Biases: offline unless a key is set; a run for each trial, grouped by study."""

import os
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from sr_models.errors import UserError
from tuner.trackers.base import TrackerSettings
from tuner.trackers.sync.location import own_folder

if TYPE_CHECKING:
    from tuner.trackers.views.study import StudyView
    from tuner.trackers.wandb.runs import Wandb

_KEY = "WANDB_API_KEY"
_REFUSED = "/\\#?%:"  # by W&B, in the name of a project


class WandbConfig(TrackerSettings):
    """How Weights & Biases is used.

    Args:
        project: the project that the runs go to.
        entity: the user or team that owns the project; by default that of the key.
        mode: `auto` sends if WANDB_API_KEY is set, and writes to `trackers/wandb` in the results
            folder otherwise; `offline` never sends.
    """

    type: Literal["wandb"] = "wandb"
    project: str = Field(default="sr-tuner", min_length=1)
    entity: str | None = Field(default=None, min_length=1)
    mode: Literal["auto", "offline"] = "auto"

    package: ClassVar[str] = "wandb"
    oldest: ClassVar[str] = "0.20"

    def check(self) -> None:
        """As for every tracker; the project must be a name that W&B takes.

        Raises:
            UserError: the package is missing, or the project has signs that are refused.
        """
        super().check()
        if set(_REFUSED) & set(self.project):
            raise UserError(
                f"trackers: wandb: project: {self.project}: W&B takes no {' '.join(_REFUSED)} in "
                "a project's name; a team goes into `entity`"
            )

    @property
    def online(self) -> bool:
        """Whether runs are sent; WANDB_MODE=offline forbids it too."""
        wanted = os.environ.get("WANDB_MODE", "online") == "online"
        return self.mode == "auto" and wanted and bool(os.environ.get(_KEY))

    def destination(self) -> str:
        """Return where the copy is."""
        server = os.environ.get("WANDB_BASE_URL", "https://api.wandb.ai")
        return f"{server}/{self.entity}/{self.project}" if self.online else "local"

    def connect(self, study: "StudyView") -> "Wandb":
        """Prepare the package; a run is started for each trial."""
        # The package would send its own crash reports to its makers.
        os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
        from tuner.trackers.wandb.runs import Wandb

        folder = own_folder(study.folder, self.type)
        return Wandb(
            root=folder.path,
            project=self.project,
            entity=self.entity,
            online=self.online,
            is_new=folder.is_new and not self.online,
        )
