"""Weights of published networks, to go on from."""

from pathlib import Path

from sr_models.errors import WeightsError
from sr_models.networks.spandrel.network import SingleScale
from sr_models.scales import SCALES, Output


def load_pretrained(head: SingleScale, file: str, architecture: str, output: Output) -> None:
    """Fill a network from a file that spandrel can read; no code in the file is run.

    Args:
        head: what is filled.
        file: its path; `~` is the home folder.
        architecture: what `head` is, for messages.
        output: what `head` predicts.

    Raises:
        WeightsError: it cannot be read, or is of another network.
    """
    from spandrel import ModelLoader, UnsupportedModelError

    path = Path(file).expanduser()
    if not path.is_file():
        raise WeightsError(f"network.pretrained: there is no file {path}")
    try:
        found = ModelLoader().load_from_file(path)
    except UnsupportedModelError as error:  # it has no message
        raise WeightsError(
            f"network.pretrained: {path} is of no architecture that spandrel knows"
        ) from error
    except Exception as error:  # broken files: each has its own
        raise WeightsError(f"network.pretrained: {path} cannot be read: {error}") from error
    if type(found.model) is not type(head.network) or found.scale != SCALES[output]:
        raise WeightsError(
            f"network.pretrained: {path} is {found.architecture.id} {found.scale}x, and the "
            f"network is {architecture} {SCALES[output]}x (see network.outputs)"
        )
    try:
        head.network.load_state_dict(found.model.state_dict())
    except RuntimeError as error:
        tags = ", ".join(found.tags)
        raise WeightsError(
            f"network.pretrained: {path} ({tags}) does not fit network.args: {error}"
        ) from error
