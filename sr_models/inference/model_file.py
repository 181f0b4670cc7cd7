"""A trained network as a single file: its weights, and what is needed to build and judge it."""

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from sr_models.atomic import write_atomically
from sr_models.errors import WeightsError
from sr_models.networks import NetworkConfig, build_network
from sr_models.own_code import OwnPart
from sr_models.scales import Output

if TYPE_CHECKING:
    from torch import Tensor, nn

    from sr_models.config import TrainConfig

FORMAT = 1
ALLOWED = "SR_MODELS_ALLOW"
"""The environment variable with the user's own code that model files may import."""

_KEY = "sr_models"
_SHOWN = 3


def save_model(
    path: Path, network: "nn.Module", config: "TrainConfig", metrics: Mapping[str, float]
) -> None:
    """Write a network atomically, including frozen features, so that the file needs no other file.

    Args:
        path: the file.
        network: the network.
        config: how it was trained.
        metrics: its metrics by name.

    Raises:
        OSError: it cannot be written; an existing file is unchanged.
    """
    write_atomically(path, model_bytes(network, config, metrics))


def model_bytes(network: "nn.Module", config: "TrainConfig", metrics: Mapping[str, float]) -> bytes:
    """Return a network as `save_model` writes it."""
    from safetensors.torch import save

    described = {
        "format": FORMAT,
        "network": config.network.model_dump(mode="json"),
        "config": config.model_dump(mode="json"),
        "metrics": dict(metrics),
    }
    prefix = config.network.state_prefix()
    weights = {
        name.removeprefix(prefix): weight.contiguous()
        for name, weight in network.state_dict().items()
    }
    return save(weights, metadata={_KEY: json.dumps(described, allow_nan=False)})


def load_model(
    path: Path, *, only: Output | None = None, allow: Collection[str] = ()
) -> "tuple[nn.Module, dict[str, Any]]":
    """Read a network, ready to predict on the CPU, and the description stored with its weights.

    No code in the file is run, and no pretrained weights are downloaded.

    Args:
        path: the file.
        only: an output; what only the others need is left out.
        allow: the user's own code, as the file names it, that may be imported to build the network,
            in addition to what the environment variable `SR_MODELS_ALLOW` lists, separated by
            commas.

    Returns:
        The network, and a dictionary with the keys `format`, `network`, `config` and `metrics`.

    Raises:
        WeightsError: it is not a model file, has no such output, its weights do not fit, or it
            needs code that is not allowed.
    """
    described = read_description(path)
    config = _network_config(path, described)
    _require_allowed(path, config, allow)
    prefix = config.state_prefix()
    if only is not None:
        config = _restricted(path, config, only)
    network = build_network(config, pretrained=False)
    weights = {prefix + name: weight for name, weight in _weights(path).items()}
    _fill(path, network, weights, partly=only is not None)
    return network.eval(), described


def read_description(path: Path) -> dict[str, Any]:
    """Return the description in a model file, without reading its weights.

    Raises:
        WeightsError: it is not a model file, or has a format that this version does not know.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path}: not a model file ({error})") from error
    if _KEY not in metadata:
        raise WeightsError(f"{path}: these weights were not saved by sr_models")
    described = _parse(path, metadata[_KEY])
    if described.get("format") != FORMAT:
        raise WeightsError(
            f"{path}: format {described.get('format')}, but this version reads format {FORMAT}"
        )
    return described


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        described = json.loads(text)
    except json.JSONDecodeError as error:
        raise WeightsError(f"{path}: its description cannot be read: {error}") from error
    if not isinstance(described, dict):
        raise WeightsError(f"{path}: its description is not a table")
    return described


def _network_config(path: Path, described: Mapping[str, Any]) -> NetworkConfig:
    try:
        config: NetworkConfig = TypeAdapter(NetworkConfig).validate_python(described.get("network"))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()
        )
        raise WeightsError(
            f"{path}: a network that this version cannot build: {problems}"
        ) from error
    return config


def _require_allowed(path: Path, config: NetworkConfig, allow: Collection[str]) -> None:
    """Refuse code that is not allowed: a file may come from anywhere, and an import runs code."""
    listed = {name.strip() for name in os.environ.get(ALLOWED, "").split(",")}
    if isinstance(config, OwnPart) and config.code not in {*allow, *listed}:
        raise WeightsError(
            f"{path}: its network is built by {config.code}, which would be imported, and so run. "
            f"If you trust it, set {ALLOWED}={config.code}, or call load_model with "
            f"allow=[{config.code!r}]"
        )


def _restricted(path: Path, config: NetworkConfig, only: Output) -> NetworkConfig:
    if only not in config.outputs:
        raise WeightsError(f"{path}: the model has no output {only!r}, only {config.outputs[0]!r}")
    return config.model_copy(update={"outputs": (only,)})


def _weights(path: Path) -> "dict[str, Tensor]":
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path}: its weights cannot be read ({error})") from error


def _fill(path: Path, network: "nn.Module", weights: "dict[str, Tensor]", *, partly: bool) -> None:
    """Load weights that must fit exactly; `partly`: weights beyond the network's are expected."""
    wanted = network.state_dict()
    problems = [f"{name} is missing" for name in wanted if name not in weights]
    if not partly:
        problems += [f"{name} is unknown" for name in weights if name not in wanted]
    problems += [
        f"{name} has shape {tuple(weights[name].shape)}, not {tuple(wanted[name].shape)}"
        for name in wanted
        if name in weights and weights[name].shape != wanted[name].shape
    ]
    if problems:
        more = f" and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        shown = ", ".join(problems[:_SHOWN])
        raise WeightsError(f"{path}: the weights do not fit the network: {shown}{more}")
    network.load_state_dict({name: weights[name] for name in wanted})
