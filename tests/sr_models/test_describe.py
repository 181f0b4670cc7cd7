"""`python -m sr_models.describe`: what it prints, what it draws, and how it fails."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sr_models.data.config import DataConfig
from sr_models.data.degradation import DegradationConfig
from sr_models.data.sources import FolderSource
from sr_models.data.survey import Survey, draw_survey, survey_images
from sr_models.data.survey.histogram import axis_limit
from sr_models.describe import describe
from tests.sr_models.commands import Run, runner


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(describe, capsys)


def surveyed(folder: Path) -> Survey:
    return survey_images(FolderSource(path=folder).list_images(288), lambda done, total: None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three photographs of known sizes, a grey one among them, and two files that are not."""
    root = tmp_path / "holiday [2024]"
    (root / "sub").mkdir(parents=True)
    Image.effect_noise((300, 400), 50).convert("RGB").save(root / "a.jpg")
    Image.effect_noise((500, 300), 50).save(root / "b.png")
    Image.effect_noise((100, 200), 50).convert("RGB").save(root / "sub" / "c.jpg")
    (root / "notes [draft].txt").write_text("hello")
    (root / "half.jpg").write_bytes((root / "a.jpg").read_bytes()[:2000])
    return root


def test_it_prints_counts_sizes_formats_and_skipped_files(folder: Path) -> None:
    command = [sys.executable, "-m", "sr_models.describe", str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    lines = [" ".join(line.replace("│", " ").split()) for line in result.stdout.splitlines()]
    assert lines[0] == f"3 usable images in {folder}"
    for line in (
        "mean 300.0 300.0",
        "standard deviation 163.3 81.6",
        "minimum 100.0 200.0",
        "25 % 200.0 250.0",
        "median 300.0 300.0",
        "75 % 400.0 350.0",
        "maximum 500.0 400.0",
        "At least 288 px a side (4 x --size 72, as y_large): 2 (66.7%)",
        "JPEG RGB 2",
        "PNG L 1",
        "Skipped: 2",
        "notes [draft].txt: not an image of a known format, or its header is damaged",
    ):
        assert line in lines
    assert any(line.startswith("half.jpg: broken: ") for line in lines)


def test_many_files_with_one_reason_are_counted(run: Run, folder: Path) -> None:
    for number in range(60):
        (folder / f"{number}.xml").write_text("<annotation/>")
    output = run(folder).stdout
    assert "Skipped: 62\n" in output
    assert output.count(": not an image of a known format") == 51  # 50 names, 1 sum
    assert "and 11 more: not an image of a known format, or its header is damaged" in output


def test_the_picture_shows_the_examples_unchanged(folder: Path) -> None:
    config = DataConfig(source=FolderSource(path=folder))
    picture = np.asarray(draw_survey(surveyed(folder), config))
    originals = [Image.open(folder / name).convert("RGB") for name in ("a.jpg", "b.png")]
    for original in originals:
        wanted = np.asarray(original.resize((288, 288), Image.Resampling.BICUBIC))
        assert _contains(picture, wanted)


def _contains(picture: np.ndarray, part: np.ndarray) -> bool:
    height, width = part.shape[:2]
    places = np.argwhere((picture[: -height + 1, : -width + 1] == part[0, 0]).all(axis=2))
    return any(
        np.array_equal(picture[top : top + height, left : left + width], part)
        for top, left in places
    )


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_output_writes_the_picture(run: Run, folder: Path, tmp_path: Path, suffix: str) -> None:
    output = tmp_path / f"picture{suffix}"
    result = run(folder, "--output", output, "--size", 24)
    assert result.returncode == 0, result.stderr
    assert f"Picture: {output}\n" in result.stdout
    assert "At least 96 px a side (4 x --size 24, as y_large): 3 (100.0%)" in result.stdout
    assert Image.open(output).width == 1000


def test_one_image_is_enough_for_a_picture(tmp_path: Path) -> None:
    Image.new("RGB", (40, 30)).save(tmp_path / "a.png")
    config = DataConfig(source=FolderSource(path=tmp_path), size=200)
    assert draw_survey(surveyed(tmp_path), config).height > 500


def test_nothing_usable_ends_with_2_and_the_reasons(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    result = run(tmp_path)
    assert result.returncode == 2
    assert result.stderr.startswith(f"error: no usable image in {tmp_path}\n  notes.txt: not an")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "error: nowhere: does not exist"),
        ([".", "--output", "picture.txt"], "the name of a picture ends in .png"),
        ([".", "--output", "nowhere/picture.png"], "the folder nowhere does not exist"),
    ],
)
def test_wrong_use_ends_with_2_and_one_line(run: Run, arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.returncode == 2
    assert result.stderr.startswith("error: ")
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_help_has_an_example(run: Run) -> None:
    result = run("--help")
    assert result.returncode == 0
    assert "python -m sr_models.describe photographs --output photographs.png" in result.stdout


@pytest.mark.parametrize(
    ("largest", "limit"), [(16, 40), (300, 320), (481, 600), (800, 1000), (9000, 10000)]
)
def test_the_axis_ends_at_a_round_number(largest: int, limit: int) -> None:
    assert axis_limit(largest) == limit


@pytest.mark.parametrize("place", ["photos", "elsewhere"])
def test_the_picture_replaces_no_photograph(run: Run, tmp_path: Path, place: str) -> None:
    photos = tmp_path / "photos"
    for name in ("photos", "elsewhere"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (300, 300)).save(tmp_path / name / "photo.jpg")
    target = tmp_path / place / "photo.jpg"
    before = target.read_bytes()
    result = run(photos, "--output", target)
    assert result.returncode == 2
    assert "exists already" in result.stderr
    assert target.read_bytes() == before


def test_degradations_are_shown_in_rows_of_their_own(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    survey = surveyed(folder)
    plain = DataConfig(source=FolderSource(path=folder))
    blurred = plain.model_copy(update={"degradation": DegradationConfig(blur=6.0)})
    pictures = [np.asarray(draw_survey(survey, config)) for config in (plain, blurred)]
    added = pictures[1][len(pictures[0]) - 20 :]
    assert len(added) > 3 * 288
    rows = slice(0, 280)
    assert pictures[0][420:700, 60:330].std() > 2 * added[rows, 60:330].std() > 0
    result = run(folder, "--output", tmp_path / "shown.png", "--degradation", "{jpeg: 0}")
    assert result.returncode == 2
    assert "greater than or equal to 1" in result.stderr
