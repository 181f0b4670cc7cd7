"""`python -m sr_models.upscale`: what becomes of pictures, and what is never overwritten."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from rich.progress import Progress

from sr_models.bicubic import imresize
from sr_models.images.picture import Picture
from sr_models.images.read import read_image
from sr_models.inference.model_file import load_model
from sr_models.inference.upscale_files import enlarge_picture
from sr_models.inference.upscaler import open_upscaler
from sr_models.upscale import upscale
from tests.sr_models.commands import Run, runner
from tests.sr_models.trained_models import model_file

CPU = torch.device("cpu")
RANDOM = np.random.default_rng(0)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(upscale, capsys)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_file(tmp_path_factory.mktemp("model") / "model.safetensors")


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    path = tmp_path / "photograph.png"
    Image.fromarray(RANDOM.integers(0, 256, (37, 50, 3), dtype=np.uint8)).save(path)
    return path


def test_it_is_a_program(model: Path, photograph: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sr_models.upscale", "--model", model, "--scale", "2"]
    whole = [*command, photograph, "--output", tmp_path]
    result = subprocess.run(whole, capture_output=True, text=True, check=False)
    assert result.stdout == f"{tmp_path / 'photograph_x2.png'}  100 x 74\n"
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(("scale", "output"), [(2, "mid"), (4, "large")])
def test_it_writes_what_the_network_predicts(
    run: Run, model: Path, photograph: Path, tmp_path: Path, scale: int, output: str
) -> None:
    result = run(
        "--model", model, "--scale", scale, photograph, "--output", tmp_path / "out", "--tile", 16
    )
    assert result.returncode == 0, result.stderr
    target = tmp_path / "out" / f"photograph_x{scale}.png"
    assert result.stdout == f"{target}  {50 * scale} x {37 * scale}\n"
    x = torch.from_numpy(np.array(Image.open(photograph))).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        wanted = (load_model(model)[0](x)[output][0].clamp(0, 1) * 255).round()
    found = np.array(Image.open(target)).astype(int)
    # Tiles are summed in another order: where the sum lies between two values, either is right.
    assert np.abs(found - wanted.permute(1, 2, 0).numpy()).max() <= 1


def test_a_file_is_printed_while_no_bar_is_shown(
    run: Run, photograph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would stand in the bar's line."""
    happened: list[str] = []
    monkeypatch.setattr(Progress, "start", lambda _: happened.append("bar"))
    monkeypatch.setattr(Progress, "stop", lambda _: happened.append("no bar"))
    monkeypatch.setattr("sr_models.upscale.typer.echo", happened.append)
    run("--model", "bicubic", "--scale", 2, photograph, "--output", tmp_path)
    assert happened == ["bar", "no bar", f"{tmp_path / 'photograph_x2.png'}  100 x 74"]


def enlarged(model: Path, picture: Picture) -> Picture:
    upscalers = open_upscaler(str(model), "mid", CPU), open_upscaler("bicubic", "mid", CPU)
    return enlarge_picture(picture, *upscalers, tile=32, step=lambda: None)


def test_greyscale_stays_grey_and_keeps_16_bits(model: Path) -> None:
    """A ramp in steps of 1/16384, finer than 8 bits could show."""
    ramp = np.tile(np.arange(30_000, 30_000 + 64 * 4, 4, dtype=np.uint16), (20, 1))
    found = enlarged(model, Picture(ramp))
    assert found.pixels.shape == (40, 128)
    assert found.pixels.dtype == np.uint16
    assert len(np.unique(found.pixels[20, 20:-20])) > 60


def test_transparency_is_enlarged_by_bicubic(model: Path) -> None:
    alpha = RANDOM.integers(0, 256, (20, 30), dtype=np.uint8)
    pixels = RANDOM.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    found = enlarged(model, Picture(pixels, alpha, b"profile"))
    wanted = imresize(torch.from_numpy(alpha)[None, None].float() / 255, 40, 60).clamp(0, 1)
    assert found.alpha is not None
    assert np.abs(found.alpha - (wanted[0, 0] * 255).round().numpy()).max() <= 1
    assert found.profile == b"profile"


def test_what_a_png_says_of_its_colours_is_kept(model: Path) -> None:
    upscaler, bicubic = (open_upscaler(name, "mid", CPU) for name in (str(model), "bicubic"))
    said = ((b"gAMA", bytes(4)),)
    picture = Picture(np.zeros((8, 8, 3), np.uint8), said_colours=said)
    enlarged = enlarge_picture(picture, upscaler, bicubic, tile=16, step=lambda: None)
    assert enlarged.said_colours == said


def test_each_tile_is_a_step(model: Path) -> None:
    steps: list[None] = []
    upscalers = open_upscaler(str(model), "mid", CPU), open_upscaler("bicubic", "mid", CPU)
    picture = Picture(np.zeros((33, 70, 3), np.uint8), np.zeros((33, 70), np.uint8))
    enlarge_picture(picture, *upscalers, tile=32, step=lambda: steps.append(None))
    assert len(steps) == 2 * 2 * 3


def test_pictures_of_all_kinds_come_out_upright_and_alike(
    run: Run, model: Path, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    colour = Image.fromarray(RANDOM.integers(0, 256, (20, 30, 3), dtype=np.uint8))
    colour.save(tmp_path / "turned.jpg", exif=exif)
    colour.convert("RGBA").save(tmp_path / "clear.png")
    colour.convert("L").save(tmp_path / "grey.png")
    out = tmp_path / "out"
    images = [tmp_path / name for name in ("turned.jpg", "clear.png", "grey.png")]
    result = run("--model", model, "--scale", 2, *images, "--output", out)
    assert result.returncode == 0, result.stderr
    with Image.open(out / "turned_x2.png") as turned:
        assert (turned.size, turned.mode) == ((40, 60), "RGB")
        assert not turned.getexif().get(0x0112)
    assert Image.open(out / "clear_x2.png").mode == "RGBA"
    assert Image.open(out / "grey_x2.png").mode == "L"


def test_nothing_is_overwritten_unasked(
    run: Run, model: Path, photograph: Path, tmp_path: Path
) -> None:
    target = tmp_path / "photograph_x2.png"
    target.write_bytes(b"precious")
    arguments = ["--model", model, "--scale", 2, photograph, "--output", tmp_path]
    result = run(*arguments)
    assert result.returncode == 2
    assert f"{target} exists: add --overwrite" in result.stderr
    assert target.read_bytes() == b"precious"
    assert run(*arguments, "--overwrite").returncode == 0
    assert read_image(target).picture.pixels.shape == (74, 100, 3)


def test_no_result_replaces_what_is_to_be_enlarged(
    run: Run, model: Path, photograph: Path, tmp_path: Path
) -> None:
    other = tmp_path / "photograph_x2.png"
    Image.new("RGB", (20, 30)).save(other)
    before = other.read_bytes()
    arguments = ["--model", model, "--scale", 2, "--output", tmp_path, "--overwrite"]
    result = run(*arguments, photograph, other)
    assert result.returncode == 2
    assert f"{other} is to be enlarged itself: choose another --output" in result.stderr
    assert other.read_bytes() == before


@pytest.mark.parametrize(("letters", "fits"), [(248, True), (249, False)])
def test_a_long_name_is_taken_or_refused_before_the_work(
    run: Run, model: Path, photograph: Path, tmp_path: Path, letters: int, fits: bool
) -> None:
    image = photograph.rename(tmp_path / ("é" * (letters // 2) + "x" * (letters % 2) + ".PNG"))
    out = tmp_path / "out"
    result = run("--model", model, "--scale", 2, image, "--output", out)
    assert result.returncode == (0 if fits else 2)
    assert [len(os.fsencode(path.name)) for path in out.glob("*")] == ([255] if fits else [])
    assert ("shorten it" in result.stderr) != fits


def test_of_an_animation_it_is_said_that_only_the_first_frame_is_there(
    run: Run, model: Path, tmp_path: Path
) -> None:
    frames = [Image.new("RGB", (20, 30), colour) for colour in ("red", "blue", "green")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    result = run("--model", model, "--scale", 2, tmp_path / "a.gif", "--output", tmp_path)
    assert result.stdout == f"{tmp_path / 'a_x2.png'}  40 x 60  (the first of 3 frames)\n"


@pytest.mark.parametrize(("seen", "advice"), [(2, "try --tile 96"), (None, "the whole image")])
def test_where_memory_does_not_suffice_it_is_said_what_can_help(
    run: Run,
    photograph: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seen: int | None,
    advice: str,
) -> None:
    def too_much(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("sr_models.inference.upscaler.reach", lambda _: seen)
    monkeypatch.setattr("sr_models.inference.upscale_files.enlarge_picture", too_much)
    result = run("--model", "bicubic", "--scale", 2, photograph, "--output", tmp_path)
    assert result.returncode == 2
    assert advice in result.stderr
    assert ("--tile" in result.stderr) == (seen is not None)


@pytest.mark.parametrize("step", ["inference.upscale_files.enlarge_picture", "images.picture.png"])
def test_where_the_result_does_not_fit_no_smaller_tiles_are_advised(
    run: Run, photograph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """It is held as a whole, and once more as a PNG."""

    def too_much(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(f"sr_models.{step}", too_much)
    result = run("--model", "bicubic", "--scale", 4, photograph, "--output", tmp_path / "out")
    width, height = Image.open(photograph).size
    assert result.returncode == 2
    assert f"the enlarged picture, {4 * width} x {4 * height}, does not fit" in result.stderr
    assert "--tile" not in result.stderr
    assert not (tmp_path / "out").exists() or not any((tmp_path / "out").iterdir())


def test_one_that_is_too_large_does_not_stop_the_rest(
    run: Run, photograph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def within_limits(picture: Picture, *others: Any, **options: Any) -> Picture:
        if picture.pixels.shape[0] > 100:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return enlarge_picture(picture, *others, **options)

    monkeypatch.setattr("sr_models.inference.upscale_files.enlarge_picture", within_limits)
    large, out = tmp_path / "large.png", tmp_path / "out"
    Image.new("RGB", (20, 200)).save(large)
    result = run("--model", "bicubic", "--scale", 2, large, photograph, "--output", out)
    assert result.returncode == 2
    message = f"1 of 2 images could not be enlarged:\n  {large}: out of memory: try --tile 96"
    assert message in result.stderr
    assert [path.name for path in out.iterdir()] == ["photograph_x2.png"]


def test_images_of_one_stem_keep_apart(
    run: Run, model: Path, photograph: Path, tmp_path: Path
) -> None:
    other = photograph.with_suffix(".JPG")
    Image.new("RGB", (20, 30)).save(other)
    out = tmp_path / "out"
    arguments = ["--model", model, "--scale", 2, "--output"]
    assert run(*arguments, out / "1", photograph, other, photograph).returncode == 0
    assert run(*arguments, out / "2", photograph).returncode == 0
    assert run(*arguments, out / "2", other).returncode == 0
    for folder in ("1", "2"):
        names = sorted(path.name for path in (out / folder).iterdir())
        assert names == ["photograph.JPG_x2.png", "photograph.png_x2.png"]
        with Image.open(out / folder / "photograph.JPG_x2.png") as found:
            assert found.size == (40, 60)


def test_a_note_beside_an_image_does_not_change_its_name(
    run: Run, model: Path, photograph: Path, tmp_path: Path
) -> None:
    photograph.with_suffix(".txt").write_text("where it was taken")
    assert run("--model", model, "--scale", 2, photograph, "--output", tmp_path).returncode == 0
    assert (tmp_path / "photograph_x2.png").is_file()


def test_what_cannot_be_read_does_not_stop_the_rest(
    run: Run, model: Path, photograph: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"hello")
    out = tmp_path / "out"
    result = run(
        "--model", model, "--scale", 2, tmp_path / "broken.jpg", photograph, "--output", out
    )
    assert result.returncode == 2
    assert "1 of 2 images could not be enlarged" in result.stderr
    assert "broken.jpg: not an image" in result.stderr
    assert [path.name for path in out.iterdir()] == ["photograph_x2.png"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "{model}", "--scale", "2", "nowhere.png"], "nowhere.png: does not exist"),
        (["--model", "{model}", "--scale", "2", "{tmp}"], "is a folder; name the images in it"),
        (["--model", "{model}", "--scale", "3", "{photo}"], "3"),
        (["--model", "nowhere", "--scale", "2", "{photo}"], "nowhere: not a model file"),
        (["--model", "{mid}", "--scale", "4", "{photo}"], "no output 'large', only 'mid'"),
        (["--model", "{model}", "--scale", "2", "{photo}", "{tmp}/b/photograph.png"], "2 images"),
        (["--model", "{model}", "--scale", "2", "{photo}", "--output", "{photo}"], "is a file"),
        (["--model", "{model}", "--scale", "2", "--device", "tpu", "{photo}"], "tpu"),
    ],
)
def test_wrong_use_is_one_message_and_exit_code_2(
    run: Run, arguments: list[str], message: str, model: Path, photograph: Path, tmp_path: Path
) -> None:
    (tmp_path / "b").mkdir()
    Image.open(photograph).save(tmp_path / "b" / "photograph.png")
    mid = model_file(tmp_path / "mid.safetensors", outputs=["mid"])
    places = {"model": model, "mid": mid, "photo": photograph, "tmp": tmp_path}
    output = [] if "--output" in arguments else ["--output", tmp_path / "out"]
    result = run(*(argument.format(**places) for argument in arguments), *output)
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out").exists()
