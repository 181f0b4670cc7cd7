"""`python -m sr_models.evaluate`: published figures, protocol, what it prints and refuses."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from sr_models.bicubic import imresize
from sr_models.evaluate import evaluate
from sr_models.inference.evaluation import score_folders
from sr_models.inference.scoring import score
from sr_models.inference.upscaler import open_upscaler
from tests.sr_models.commands import Run, runner
from tests.sr_models.trained_models import model_file

CPU = torch.device("cpu")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(evaluate, capsys)


def as_json(run: Run, *arguments: object) -> dict[str, Any]:
    result = run(*arguments, "--format", "json")
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A colour photograph, a grey one of odd size, and a file that is neither."""
    root = tmp_path_factory.mktemp("a [test] set")
    random = np.random.default_rng(0)
    for name, size, mode in (("colour", (64, 48), "RGB"), ("grey", (51, 45), "L")):
        small = Image.fromarray(random.integers(0, 256, (6, 8, 3), dtype=np.uint8))
        small.resize(size, Image.Resampling.BICUBIC).convert(mode).save(root / f"{name}.png")
    (root / "notes.txt").write_text("hello")
    return root


# As printed by SRCNN, VDSR, LapSRN and all since (within rounding).
PUBLISHED = {
    ("set5", 2): (33.66, 0.9299),
    ("set14", 2): (30.24, 0.8688),
    ("set5", 4): (28.42, 0.8104),
    ("set14", 4): (26.00, 0.7027),
}


@pytest.mark.slow
def test_bicubic_has_the_published_figures(shared_data: Path) -> None:
    folders = [shared_data / "set5", shared_data / "set14"]
    found = score_folders("bicubic", folders, "cpu")
    assert {(Path(row.data).name, row.scale) for row in found} == set(PUBLISHED)
    for row in found:
        psnr, ssim = PUBLISHED[Path(row.data).name, row.scale]
        assert row.model.psnr == pytest.approx(psnr, abs=0.03)
        assert row.model.ssim == pytest.approx(ssim, abs=0.002)


def test_the_protocol_step_by_step(folder: Path) -> None:
    """Once more in NumPy, for a colour photograph at x2."""
    from skimage.metrics import peak_signal_noise_ratio

    original = np.array(Image.open(folder / "colour.png"))
    low = imresize(torch.from_numpy(original).permute(2, 0, 1)[None].double(), 24, 32)
    low = low.round().clamp(0, 255)
    enlarged = imresize(low, 48, 64).round().clamp(0, 255)[0].permute(1, 2, 0).numpy()
    luma = [image @ [65.481, 128.553, 24.966] / 255 + 16 for image in (original, enlarged)]
    inner = [image[2:-2, 2:-2] for image in luma]
    wanted = peak_signal_noise_ratio(*inner, data_range=255)
    found = score(original, open_upscaler("bicubic", "mid", CPU), grey=False)
    assert found.psnr == pytest.approx(wanted, abs=0.01)


def test_greyscale_is_compared_by_its_values(folder: Path) -> None:
    """Luma would squeeze it into 219 of 256 values, and give 1.3 dB for nothing."""
    pixels = np.array(Image.open(folder / "grey.png").convert("RGB"))
    upscaler = open_upscaler("bicubic", "mid", CPU)
    as_grey, as_colour = (score(pixels, upscaler, grey=grey) for grey in (True, False))
    assert as_colour.psnr - as_grey.psnr == pytest.approx(20 * np.log10(255 / 219), abs=0.05)


def test_a_model_is_scored_beside_bicubic(run: Run, folder: Path, tmp_path: Path) -> None:
    """A network that starts near bicubic scores near it, and not the same."""
    model = model_file(tmp_path / "model.safetensors")
    found = as_json(run, "--model", model, "--data", folder)
    assert found["model"] == str(model)
    assert [row["scale"] for row in found["results"]] == [2, 4]
    for row in found["results"]:
        assert (row["images"], row["data"]) == (2, str(folder))
        assert [image["name"] for image in row["per_image"]] == ["colour.png", "grey.png"]
        assert row["skipped"][0]["name"] == "notes.txt"
        for key in ("psnr", "ssim"):
            images = [image[key] for image in row["per_image"]]
            assert row[key] == pytest.approx(sum(images) / 2)
            bicubic = [image["bicubic"][key] for image in row["per_image"]]
            assert row["bicubic"][key] == pytest.approx(sum(bicubic) / 2)
            assert row[key] != row["bicubic"][key]
        assert row["psnr"] == pytest.approx(row["bicubic"]["psnr"], abs=15)


def test_a_black_image_is_left_out_and_said(run: Run, folder: Path, tmp_path: Path) -> None:
    """Its capped 100 dB would lift the mean by tens of decibels."""
    copy = tmp_path / "set"
    copy.mkdir()
    for name in ("colour.png", "grey.png"):
        (copy / name).write_bytes((folder / name).read_bytes())
    Image.new("L", (64, 48)).save(copy / "black.png")
    Image.new("RGB", (64, 48), (9, 200, 30)).save(copy / "green.png")
    model = model_file(tmp_path / "model.safetensors")
    found = as_json(run, "--model", model, "--data", copy)["results"]
    wanted = as_json(run, "--model", model, "--data", folder)["results"]
    for with_flat, without in zip(found, wanted, strict=True):
        for key in ("psnr", "ssim", "bicubic", "images", "per_image"):
            assert with_flat[key] == without[key]
        reason = "of one colour: any enlargement gets it right"
        assert with_flat["skipped"] == [
            {"name": "black.png", "reason": reason},
            {"name": "green.png", "reason": reason},
        ]


def test_a_model_of_one_output_has_one_row(folder: Path, tmp_path: Path) -> None:
    model = model_file(tmp_path / "model.safetensors", outputs=["mid"])
    assert [row.scale for row in score_folders(str(model), [folder], "cpu")] == [2]


def test_several_folders_after_one_option_or_several(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    Image.open(folder / "colour.png").save(other / "same.png")
    together = as_json(run, "--model", "bicubic", "--data", folder, other)
    apart = as_json(run, "--model", "bicubic", "--data", folder, "--data", other)
    assert together == apart
    assert [row["data"] for row in together["results"]] == [str(folder)] * 2 + [str(other)] * 2


def test_the_table(folder: Path) -> None:
    command = [sys.executable, "-m", "sr_models.evaluate", "--model", "bicubic", "--data", folder]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    rows = score_folders("bicubic", [folder], "cpu")
    for row in rows:
        assert f"x{row.scale}" in result.stdout
        assert f"{row.model.psnr:.2f}" in result.stdout
    assert "+0.00" in result.stdout
    assert f"{folder}/notes.txt: not an image" in result.stdout
    begun = [f"scoring {folder} x{row.scale}: " for row in rows]
    lines = result.stderr.splitlines()
    assert all(line.startswith(one) for line, one in zip(lines, begun, strict=True))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "bicubic", "--data", "nowhere"], "--data nowhere: does not exist"),
        (["--model", "bicubic", "--data", "{model}"], "is not a folder"),
        (["--model", "bicubic", "--data", "{empty}"], "no usable image"),
        (["--model", "nowhere.pt", "--data", "{folder}"], "nowhere.pt: not a model file"),
        (["--model", "bicubic"], "--data"),
        (["--data", "{folder}"], "--model"),
        (["--model", "bicubic", "--data", "{folder}", "--format", "xml"], "xml"),
    ],
)
def test_wrong_use_is_one_message_and_exit_code_2(
    run: Run, arguments: list[str], message: str, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    places = {
        "model": model_file(tmp_path / "model.safetensors"),
        "empty": tmp_path / "empty",
        "folder": folder,
    }
    result = run(*(argument.format(**places) for argument in arguments))
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
