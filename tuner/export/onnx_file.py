"""A model as ONNX, for images of any number and size, compared with the model itself."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sr_models.errors import UserError
from sr_models.inference.model_file import load_model

if TYPE_CHECKING:
    from torch import Tensor, nn

INPUT = "x"
SHAPES = ((1, 3, 24, 20), (3, 3, 17, 31))
"""Batches to compare the two on: other numbers and sizes than the traced batch."""
TOLERANCE = 1e-4
"""Largest allowed difference between the pixel values, in [0, 1], of ONNX file and model."""


class OnnxMismatchError(RuntimeError):
    """The ONNX file computes something else than the model: a bug here or in the exporter."""


def onnx_file(model: Path) -> tuple[bytes, str]:
    """Return the bytes of an ONNX file for a model file, and how well the two agree, in words.

    Input `x` (N, 3, h, w), RGB in [0, 1]; outputs `mid` (N, 3, 2h, 2w), `large` (N, 3, 4h, 4w),
    those that the model has, not clamped. The model's description is in the metadata `sr_models`.

    Raises:
        UserError: a package that this needs is not installed.
        OnnxMismatchError: the two disagree.
    """
    _require("onnx", "onnxscript")
    network, described = load_model(model)
    content = _export(network, described)
    if find_spec("onnxruntime") is None:
        return content, "not compared with the model: pip install onnxruntime"
    worst = largest_difference(network, content)
    if not worst <= TOLERANCE:
        raise OnnxMismatchError(f"the ONNX file differs from the model by up to {worst:.2g}")
    return content, f"differs from the model by at most {worst:.1g}"


def largest_difference(network: "nn.Module", content: bytes) -> float:
    """Return the largest difference of any pixel between an ONNX file and the network."""
    import onnxruntime
    import torch

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    generator = torch.Generator().manual_seed(0)
    worst = 0.0
    for shape in SHAPES:
        x = torch.rand(shape, generator=generator)
        with torch.no_grad():
            wanted = network(x)
        for name, found in zip(wanted, session.run(list(wanted), {INPUT: x.numpy()}), strict=True):
            worst = max(worst, float((wanted[name] - torch.from_numpy(found)).abs().max()))
    return worst


def _export(network: "nn.Module", described: dict[str, Any]) -> bytes:
    import torch
    from torch.export import Dim

    x: Tensor = torch.rand(2, 3, 16, 18)
    with torch.no_grad():
        outputs = list(network(x))
    program = torch.onnx.export(
        network,
        (x,),
        dynamo=True,
        verbose=False,
        input_names=[INPUT],
        output_names=outputs,
        dynamic_shapes=({0: Dim("n"), 2: Dim("h"), 3: Dim("w")},),
    )
    assert program is not None
    program.model.metadata_props["sr_models"] = json.dumps(described)
    content: bytes = program.model_proto.SerializeToString()
    return content


def _require(*packages: str) -> None:
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        needed = " ".join(missing)
        raise UserError(f"an ONNX file needs packages that are missing: pip install {needed}")
