"""A trial's best weights as a file for use elsewhere."""

from pathlib import Path

from sr_models.errors import UserError
from tuner.analysis.snapshot import Snapshot
from tuner.analysis.writing import check_place, write_whole
from tuner.export.choice import choose


def export_model(study: Snapshot, trial: str, output: Path, *, overwrite: bool = False) -> str:
    """Write a trial's model; return a line that says which trial it is from.

    `.safetensors` is a copy of the file that `sr_models.evaluate` and `sr_models.upscale` read;
    `.onnx` runs without this project.

    Args:
        study: the study of the trial.
        trial: its name, or `best`.
        output: the file.
        overwrite: replace an existing file.

    Raises:
        UserError: there is no such trial or no model, the file is of another kind, or it cannot be
            written.
    """
    kind = output.suffix.lower()
    if kind not in (".safetensors", ".onnx"):
        raise UserError(f"--output {output}: the name must end in .safetensors or .onnx")
    check_place(output)
    if (study.folder / "trials").resolve() in output.resolve().parents:
        raise UserError(f"--output {output}: the study's own models are not overwritten")
    if output.exists() and not overwrite:
        raise UserError(f"--output {output} exists: add --overwrite, or choose another --output")
    chosen = choose(study, trial)
    if kind == ".onnx":
        from tuner.export.onnx_file import onnx_file

        content, checked = onnx_file(chosen.model)
        write_whole(output, content)
        return f"wrote {output}: {chosen.text}; {checked}"
    _check(chosen.model)
    write_whole(output, chosen.model.read_bytes())
    return f"wrote {output}: {chosen.text}"


def _check(model: Path) -> None:
    """Read the model as its user will, so that no damaged file is exported."""
    from sr_models.inference.model_file import load_model

    load_model(model)
