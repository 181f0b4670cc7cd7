"""Weights of published networks, to start from."""

from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from sr_models.errors import WeightsError
from sr_models.networks.spandrel.network import SingleScale
from sr_models.scales import SCALES, Output

_MOST_PARTS = 8  # of a training that are tried: a network, and what else was trained with it


def load_pretrained(head: SingleScale, file: str, architecture: str, output: Output) -> None:
    """Fill a network from a file that spandrel can read, without running code in the file.

    Args:
        head: the network to fill.
        file: its path; `~` is the home folder.
        architecture: the architecture of `head`, for messages.
        output: the output of `head`.

    Raises:
        WeightsError: it cannot be read, or belongs to another network.
    """
    from spandrel import UnsupportedModelError

    path = Path(file).expanduser()
    if not path.is_file():
        raise WeightsError(f"network.pretrained: there is no file {path}")
    try:
        found = _read(path)
    except UnsupportedModelError as error:  # it has no message
        raise WeightsError(
            f"network.pretrained: {path} has no architecture that spandrel knows"
        ) from error
    except Exception as error:  # damaged files may raise anything
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


def _read(path: Path) -> Any:
    """What spandrel makes of a file, also where the network is a part of what was saved.

    Frameworks write all that is trained: `net_g.body.0.weight` beside `loss.vgg.0.weight`. Where
    they keep a moving average too (`generator_ema`), that is what they publish the results of.
    """
    from spandrel import ModelLoader, UnsupportedModelError

    loader = ModelLoader()
    weights = loader.load_state_dict_from_file(path)
    parts = Counter(name.partition(".")[0] for name in weights if "." in name)
    largest = [part for part, _ in parts.most_common(_MOST_PARTS)]
    starts = ["", *(f"{part}." for part in sorted(largest, key=lambda part: "ema" not in part))]
    for start in starts:
        part = {
            name.removeprefix(start): weights[name] for name in weights if name.startswith(start)
        }
        with suppress(UnsupportedModelError):
            return loader.load_from_state_dict(part)
    raise UnsupportedModelError
