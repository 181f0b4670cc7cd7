"""Models taken out of a study: which one, and that it does the same elsewhere."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from sr_models.config import TrainConfig
from sr_models.errors import UserError, WeightsError
from sr_models.networks import NetworkBase, ProgressiveConfig
from tests.sr_models.commands import runner
from tests.sr_models.networks.network_configs import small_configs
from tests.tuner.analysis.small_study import PSNR, SmallStudy, example, psnr
from tuner.analysis.snapshot import Snapshot, read_snapshot
from tuner.export import export
from tuner.export.choice import choose
from tuner.export.model import export_model
from tuner.records import TrialState

TINY = ProgressiveConfig(channels=2, depth=1)


def keep_model(folder: Path, trial: str, network: NetworkBase = TINY) -> Path:
    """Leave a model in the folder of a trial, as training does."""
    import torch

    from sr_models.inference.model_file import save_model
    from sr_models.networks import build_network

    torch.manual_seed(0)
    path = folder / "trials" / trial / "best.safetensors"
    path.parent.mkdir(parents=True)
    config = TrainConfig.model_validate({"network": network})
    save_model(path, build_network(network, pretrained=False), config, {PSNR: 28.5})
    return path


@pytest.fixture
def study(tmp_path: Path) -> Snapshot:
    """The example with the models of T002 (the best), AS-24 and T004 (failed)."""
    folder = tmp_path / "step4"
    records = example(folder)
    for name in ("T002", "AS-24", "T004"):
        keep_model(folder, name)
    return read_snapshot(records)


def test_the_best_is_copied_as_it_is(study: Snapshot) -> None:
    from sr_models.inference.model_file import load_model

    output = study.folder.parent / "model.safetensors"
    text = export_model(study, "best", output)
    assert text == (f"wrote {output}: T002 (complete, validation/psnr 28.50 dB in epoch 2 of 3)")
    original = study.folder / "trials" / "T002" / "best.safetensors"
    assert output.read_bytes() == original.read_bytes()
    _, described = load_model(output)
    assert described["metrics"] == {PSNR: 28.5}


def test_a_file_that_is_there_is_replaced_on_request_alone(study: Snapshot) -> None:
    output = study.folder.parent / "model.safetensors"
    output.write_text("dear to somebody")
    with pytest.raises(UserError, match="exists: add --overwrite, or choose another --output"):
        export_model(study, "best", output)
    assert output.read_text() == "dear to somebody"
    assert export_model(study, "best", output, overwrite=True).startswith("wrote")


def test_a_trial_by_its_name_even_a_failed_one(study: Snapshot) -> None:
    assert choose(study, "AS-24").row.trial == "AS-24"
    assert choose(study, "T004").text.startswith("T004 (failed, validation/psnr 29.00 dB")


def test_a_better_trial_that_kept_no_model_is_mentioned(study: Snapshot) -> None:
    (study.folder / "trials" / "T002" / "best.safetensors").unlink()
    chosen = choose(study, "best")
    assert chosen.row.trial == "AS-24"
    assert chosen.text.endswith("; T002 is better, but its model was not kept")


def test_a_trial_called_best_is_found_by_its_name(tmp_path: Path) -> None:
    small = SmallStudy(tmp_path / "s")
    small.trial("best", psnr(20.0))
    small.trial("better", psnr(30.0))
    for name in ("best", "better"):
        keep_model(tmp_path / "s", name)
    assert choose(read_snapshot(small.records), "best").row.trial == "best"


@pytest.mark.parametrize(
    ("trial", "message"),
    [
        ("as24", "step4 has no trial 'as24'; did you mean 'AS-24'?"),
        ("T003", "trial 'T003' has no model: there is no trials/T003/best.safetensors"),
    ],
)
def test_no_such_model(study: Snapshot, trial: str, message: str) -> None:
    with pytest.raises(UserError) as raised:
        export_model(study, trial, study.folder / "model.safetensors")
    assert str(raised.value) == message


def test_no_trial_has_a_model(tmp_path: Path) -> None:
    small = SmallStudy(tmp_path / "s")
    with pytest.raises(UserError, match=r"has no trial with a value of validation/psnr yet"):
        choose(read_snapshot(small.records), "best")
    small.trial("a", psnr(27.0), TrialState.FAILED)
    with pytest.raises(UserError, match=r"has no trial with a value"):
        choose(read_snapshot(small.records), "best")
    small.trial("b", psnr(27.0))
    with pytest.raises(UserError, match=r"no trial of study step4 has a model"):
        choose(read_snapshot(small.records), "best")


def test_a_trials_name_leads_to_no_file_outside_of_the_study(tmp_path: Path) -> None:
    keep_model(tmp_path / "elsewhere", "secret")
    small = SmallStudy(tmp_path / "s")
    (tmp_path / "s" / "trials").mkdir()
    name = "../../elsewhere/trials/secret"
    small.trial(name, psnr(27.0))
    assert (tmp_path / "s" / "trials" / name / "best.safetensors").is_file()
    with pytest.raises(UserError, match="has no model"):
        choose(read_snapshot(small.records), name)


def test_a_damaged_model_is_not_handed_on(study: Snapshot) -> None:
    path = study.folder / "trials" / "T002" / "best.safetensors"
    os.truncate(path, path.stat().st_size // 2)
    output = study.folder / "model.safetensors"
    with pytest.raises(WeightsError):
        export_model(study, "best", output)
    assert not output.exists()


def test_the_ending_says_the_kind(study: Snapshot) -> None:
    with pytest.raises(UserError, match=r"must end in \.safetensors or \.onnx"):
        export_model(study, "best", study.folder / "model.pt")


def test_the_studys_own_models_are_safe(study: Snapshot) -> None:
    own = study.folder / "trials" / "AS-24" / "best.safetensors"
    with pytest.raises(UserError, match="own models are not overwritten"):
        export_model(study, "best", own)


def variants() -> list[NetworkBase]:
    """Every network of the union in small, and every way of the progressive family.

    An export takes seconds, so each shows two ways.
    """
    ways: list[dict[str, object]] = [
        {"upsampler": "bilinear", "block": "dilated"},
        {"upsampler": "pixel_shuffle", "outputs": ("mid",)},
        {"upsampler": "transposed", "skip": "bicubic"},
    ]
    return [*small_configs().values(), *(TINY.model_copy(update=way) for way in ways)]


@pytest.fixture(scope="module")
def _operators_are_collected_once() -> Iterator[None]:
    """Each export asks for all that can be translated, which takes a third of its time."""
    from torch.onnx._internal._lazy_import import onnxscript_apis

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onnxscript_apis, "get_torchlib_ops", cache(onnxscript_apis.get_torchlib_ops))
        yield


@pytest.mark.usefixtures("_operators_are_collected_once")
@pytest.mark.parametrize("network", variants(), ids=lambda one: str(one)[:60])
def test_onnx_does_what_the_model_does(
    tmp_path: Path, network: NetworkBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SR_MODELS_ALLOW", "tests.sr_models.own_parts:Tiny")  # one of the variants
    import onnxruntime
    import torch

    from sr_models.inference.model_file import load_model
    from tuner.export.onnx_file import onnx_file

    path = keep_model(tmp_path, "a", network)
    content, checked = onnx_file(path)
    assert checked.startswith("differs from the model by at most")
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    x = torch.rand(2, 3, 9, 33)
    model, described = load_model(path)
    with torch.no_grad():
        wanted = model(x)
    assert tuple(one.name for one in session.get_outputs()) == network.outputs
    for name, found in zip(network.outputs, session.run(None, {"x": x.numpy()}), strict=True):
        torch.testing.assert_close(torch.from_numpy(found), wanted[name], rtol=0, atol=1e-4)
    metadata = session.get_modelmeta().custom_metadata_map
    assert json.loads(metadata["sr_models"]) == described


def test_a_file_that_differs_is_not_written(
    study: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuner.export import onnx_file

    monkeypatch.setattr(onnx_file, "_export", lambda *_: b"another model")
    monkeypatch.setattr(onnx_file, "largest_difference", lambda *_: 0.5)
    output = study.folder / "model.onnx"
    with pytest.raises(onnx_file.OnnxMismatchError, match=r"by up to 0\.5"):
        export_model(study, "best", output)
    assert not output.exists()


@pytest.mark.parametrize("package", ["onnx", "onnxscript"])
def test_a_missing_package_gives_its_install_command(
    study: Snapshot, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    from tuner.export import onnx_file

    monkeypatch.setattr(onnx_file, "find_spec", lambda name: None if name == package else True)
    with pytest.raises(UserError, match=f"pip install {package}$"):
        export_model(study, "best", study.folder / "model.onnx")


def test_without_onnxruntime_it_says_that_nothing_was_compared(
    study: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuner.export import onnx_file

    monkeypatch.setattr(
        onnx_file, "find_spec", lambda name: None if name == "onnxruntime" else True
    )
    monkeypatch.setattr(onnx_file, "_export", lambda *_: b"a model")
    text = export_model(study, "best", study.folder / "model.onnx")
    assert (study.folder / "model.onnx").read_bytes() == b"a model"
    assert text.endswith("not compared with the model: pip install onnxruntime")


def test_as_a_command(study: Snapshot) -> None:
    output = study.folder.parent / "model.safetensors"
    command = [sys.executable, "-m", "tuner.export", study.folder, "--trial", "AS-24"]
    result = subprocess.run(
        [*map(str, command), "--output", str(output)], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f"wrote {output}: AS-24 (complete, validation/psnr 27.00 dB")
    assert result.stdout.count("\n") == 1
    assert output.is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "error: say what to export: --output FILE, --optuna URL or --tracker TYPE\n"),
        (["--trial", "T002"],
         "error: --trial chooses whose model goes to --output; --output is missing\n"),
        (["--output", "/no/model.onnx"],
         "error: /no/model.onnx cannot be written: there is no folder /no\n"),
        (["--tracker", "mlfow"],
         "error: --tracker 'mlfow' is not one of mlflow, neptune, own, tensorboard, wandb\n"),
    ],
)  # fmt: skip
def test_wrong_use_is_one_message(
    study: Snapshot, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    result = runner(export, capsys)(study.folder, *arguments)
    assert (result.returncode, result.stderr) == (2, message)


def test_help_answers_without_torch() -> None:
    program = (
        "import sys\nfrom tuner.export import export\n"
        "print(sorted({'torch', 'optuna', 'ray', 'pandas'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
