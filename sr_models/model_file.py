"""A trained network as one file: its weights, and what it takes to build and judge it."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from sr_models.errors import WeightsError
from sr_models.networks import NetworkConfig, build_network

if TYPE_CHECKING:
    from torch import nn

    from sr_models.config import TrainConfig

FORMAT = 1
_KEY = "sr_models"


def save_model(
    path: Path, network: "nn.Module", config: "TrainConfig", metrics: Mapping[str, float]
) -> None:
    """Write a network, atomically, with frozen features too: the file needs no other one."""
    from safetensors.torch import save_file

    described = {
        "format": FORMAT,
        "network": config.network.model_dump(mode="json"),
        "config": config.model_dump(mode="json"),
        "metrics": dict(metrics),
    }
    weights = {name: weight.contiguous() for name, weight in network.state_dict().items()}
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        save_file(weights, part, metadata={_KEY: json.dumps(described, allow_nan=False)})
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def load_model(path: Path) -> "tuple[nn.Module, dict[str, Any]]":
    """Read a network, ready to predict on the CPU, and what was stored beside its weights.

    The second has the keys `format`, `network`, `config` and `metrics`. No code in the file is
    run, and no pretrained weights are fetched.

    Raises:
        WeightsError: it is no such file, or its weights and its network do not fit.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    described = read_description(path)
    network = build_network(_network_config(path, described), pretrained=False)
    try:
        network.load_state_dict(load_file(path))
    except (SafetensorError, RuntimeError) as error:
        raise WeightsError(f"{path}: the weights do not fit the network: {error}") from error
    return network.eval(), described


def read_description(path: Path) -> dict[str, Any]:
    """Read what a model file says of itself, without its weights.

    Raises:
        WeightsError: it is no model file, or one of a format that this version does not know.
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
        raise WeightsError(f"{path}: its description is no table")
    return described


def _network_config(path: Path, described: Mapping[str, Any]) -> NetworkConfig:
    try:
        return TypeAdapter[NetworkConfig](NetworkConfig).validate_python(described.get("network"))
    except ValidationError as error:
        raise WeightsError(f"{path}: unknown network: {error}") from error
