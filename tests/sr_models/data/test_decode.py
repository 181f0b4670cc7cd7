"""Every odd kind of file is either decoded rightly or refused with its reason."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms, PngImagePlugin

from sr_models.data.decode import MIN_SIDE, read_photograph
from sr_models.images.read import MAX_PIXELS, quiet_pillow
from sr_models.images.unusable import Unreadable, Unusable

MakePhotograph = Callable[..., Image.Image]


def decoded(path: Path) -> NDArray[np.int64]:
    image = read_photograph(path).image
    assert image.mode == "RGB"
    return np.asarray(image).astype(np.int64)


def reason(path: Path) -> str:
    with pytest.raises(Unusable) as error:
        read_photograph(path)
    return str(error.value)


def assert_close(image: NDArray[np.int64], expected: object, tolerance: float) -> None:
    expected = np.asarray(expected).astype(np.int64)
    assert image.shape == expected.shape
    assert np.abs(image - expected).mean() <= tolerance


def encoded(image: Image.Image, file_format: str, **options: object) -> bytes:
    file = BytesIO()
    # A copy, because a JPEG writer leaves its settings in the image for the next writer.
    image.copy().save(file, file_format, **options)
    return file.getvalue()


def png(width: int, height: int, bits: int, colour: int, rows: bytes) -> bytes:
    """A PNG written by hand, for what Pillow does not write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    chunks = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    ("file_format", "tolerance"),
    [
        ("PNG", 0.0),
        ("BMP", 0.0),
        ("TIFF", 0.0),
        ("PPM", 0.0),
        ("JPEG2000", 0.0),
        ("JPEG", 6.0),
        ("WEBP", 8.0),
        ("GIF", 14.0),
    ],
)
@pytest.mark.parametrize("name", ["image.JPG", "image.txt", "image"])
def test_the_content_says_what_a_file_is(
    tmp_path: Path, photograph: MakePhotograph, file_format: str, tolerance: float, name: str
) -> None:
    image = photograph()
    (tmp_path / name).write_bytes(encoded(image, file_format))
    assert_close(decoded(tmp_path / name), image, tolerance)
    assert read_photograph(tmp_path / name).format == file_format


def test_grey_has_three_equal_channels(tmp_path: Path, photograph: MakePhotograph) -> None:
    grey = photograph().convert("L")
    grey.save(tmp_path / "a.png")
    assert_close(decoded(tmp_path / "a.png"), np.stack([np.asarray(grey)] * 3, -1), 0)


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_16_bit_grey_keeps_its_shades(tmp_path: Path, file_format: str) -> None:
    grey = np.linspace(0, 65535, 64 * 48).reshape(48, 64)
    file = tmp_path / "a"
    file.write_bytes(encoded(Image.fromarray(grey.astype(np.uint16)), file_format))
    assert read_photograph(file).mode.startswith("I")
    assert_close(decoded(file)[..., 0], np.round(grey / 257), 0.01)


def test_16_bit_colour_keeps_its_shades(tmp_path: Path, photograph: MakePhotograph) -> None:
    pixels = np.asarray(photograph())
    rows = b"".join(b"\0" + (row.astype(">u2") * 257).tobytes() for row in pixels)
    (tmp_path / "a.png").write_bytes(png(100, 80, 16, 2, rows))
    assert_close(decoded(tmp_path / "a.png"), pixels, 0)


@pytest.mark.parametrize("highest", [1.0, 255.0])
def test_floats_count_from_0_to_1_or_to_255(tmp_path: Path, highest: float) -> None:
    grey = np.linspace(0, highest, 64 * 48, dtype=np.float32).reshape(48, 64)
    Image.fromarray(grey).save(tmp_path / "a.tif")
    assert_close(decoded(tmp_path / "a.tif")[..., 1], np.round(grey / highest * 255), 0.01)


@pytest.mark.parametrize("value", [-1.0, 1e6, float("nan")])
def test_floats_of_unknown_range_are_refused(tmp_path: Path, value: float) -> None:
    grey = np.zeros((48, 64), np.float32)
    grey[0, 0] = value
    Image.fromarray(grey).save(tmp_path / "a.tif")
    assert "range is not known" in reason(tmp_path / "a.tif")


@pytest.mark.parametrize("file_format", ["TIFF", "JPEG"])
def test_cmyk(tmp_path: Path, photograph: MakePhotograph, file_format: str) -> None:
    image = photograph()
    (tmp_path / "a").write_bytes(encoded(image.convert("CMYK"), file_format))
    assert_close(decoded(tmp_path / "a"), image, 6)


def test_cmyk_with_a_profile_that_does_not_fit(tmp_path: Path, photograph: MakePhotograph) -> None:
    image = photograph()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image.convert("CMYK").save(tmp_path / "a.tif", icc_profile=profile)
    assert_close(decoded(tmp_path / "a.tif"), image, 1)


def test_lab(tmp_path: Path, photograph: MakePhotograph) -> None:
    image = photograph()
    spaces = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    ImageCms.profileToProfile(image, *spaces, outputMode="LAB").save(tmp_path / "a.tif")
    assert_close(decoded(tmp_path / "a.tif"), image, 4)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_parts_are_white(tmp_path: Path, photograph: MakePhotograph, mode: str) -> None:
    image = photograph().convert(mode)
    alpha = np.full((80, 100), 255, np.uint8)
    alpha[:, :50] = 0
    image.putalpha(Image.fromarray(alpha))
    image.save(tmp_path / "a.png")
    result = decoded(tmp_path / "a.png")
    assert (result[:, :50] == 255).all()
    assert_close(result[:, 50:], image.convert("RGB").crop((50, 0, 100, 80)), 0)


def test_a_palette_with_a_transparent_colour(tmp_path: Path, photograph: MakePhotograph) -> None:
    image = photograph().quantize(8)
    image.save(tmp_path / "a.png", transparency=3)
    result, chosen = decoded(tmp_path / "a.png"), np.asarray(image) == 3
    assert chosen.any()
    assert (result[chosen] == 255).all()
    assert_close(result[~chosen], np.asarray(image.convert("RGB"))[~chosen], 0)


def test_an_invisible_image_is_refused(tmp_path: Path, photograph: MakePhotograph) -> None:
    image = photograph()
    image.putalpha(0)
    image.save(tmp_path / "a.png")
    assert reason(tmp_path / "a.png") == "fully transparent"


@pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP", "TIFF"])
def test_an_animation_gives_its_first_frame(
    tmp_path: Path, photograph: MakePhotograph, file_format: str
) -> None:
    first, others = photograph(), [photograph(seed=1), photograph(seed=2)]
    data = encoded(first, file_format, save_all=True, append_images=others)
    (tmp_path / "a").write_bytes(data)
    assert_close(decoded(tmp_path / "a"), first, 14)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, 3), (8, 1)])
def test_exif_turns_the_image_upright(
    tmp_path: Path, photograph: MakePhotograph, file_format: str, orientation: int, turns: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = photograph()
    (tmp_path / "a").write_bytes(encoded(image, file_format, exif=exif))
    assert_close(decoded(tmp_path / "a"), np.rot90(np.asarray(image), turns), 8)


def test_broken_exif_is_ignored(tmp_path: Path, photograph: MakePhotograph) -> None:
    image = photograph()
    image.save(tmp_path / "a.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    with quiet_pillow():
        assert_close(decoded(tmp_path / "a.jpg"), image, 6)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF", "JPEG2000"])
@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_a_truncated_file_is_refused(
    tmp_path: Path, photograph: MakePhotograph, file_format: str, share: float
) -> None:
    data = encoded(photograph(), file_format)
    (tmp_path / "a").write_bytes(data[: int(share * len(data))])
    assert reason(tmp_path / "a")


def test_a_damaged_png_is_refused(tmp_path: Path, photograph: MakePhotograph) -> None:
    data = bytearray(encoded(photograph(), "PNG"))
    data[len(data) // 2] ^= 0xFF
    (tmp_path / "a.png").write_bytes(data)
    assert reason(tmp_path / "a.png").startswith("broken")


@pytest.mark.parametrize(
    "content",
    [b"", b"hello " * 99, b"<html>404</html>", b"%PDF-1.7\n", b"PK\3\4" + bytes(99), bytes(999)],
)
def test_what_is_not_an_image_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    assert reason(tmp_path / "a.jpg").startswith("not an image")


def test_tiny_images_are_refused(tmp_path: Path) -> None:
    Image.new("RGB", (500, MIN_SIDE - 1)).save(tmp_path / "a.png")
    assert reason(tmp_path / "a.png") == "tiny: 500 x 15, less than 16 px"
    Image.new("RGB", (MIN_SIDE, MIN_SIDE)).save(tmp_path / "b.png")
    assert decoded(tmp_path / "b.png").shape == (MIN_SIDE, MIN_SIDE, 3)


@pytest.mark.parametrize("side", [int(MAX_PIXELS**0.5) + 1, 60_000])
def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path, side: int) -> None:
    (tmp_path / "a.png").write_bytes(png(side, side, 8, 2, b""))
    with quiet_pillow():
        assert reason(tmp_path / "a.png").startswith("too large")


def test_a_bomb_in_a_text_of_a_png_is_refused(tmp_path: Path, photograph: MakePhotograph) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("comment", "x" * 100_000_000, zip=True)
    photograph().save(tmp_path / "a.png", pnginfo=texts)
    assert "too large" in reason(tmp_path / "a.png").lower()


def test_what_the_machine_cannot_read_is_not_called_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(Unreadable, match=r"^cannot be read: Input/output error$"):
        read_photograph(tmp_path / "a.png")


SEEDS = [
    encoded(Image.effect_noise((24, 20), 40).convert(mode), file_format)
    for mode, file_format in [
        ("RGB", "JPEG"),
        ("RGB", "PNG"),
        ("RGB", "TIFF"),
        ("RGB", "WEBP"),
        ("RGB", "BMP"),
        ("P", "GIF"),
        ("CMYK", "JPEG"),
        ("I;16", "PNG"),
        ("F", "TIFF"),
    ]
]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=st.sampled_from(SEEDS),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8),
    kept=st.floats(0, 1),
)
def test_no_file_whatever_raises_anything_else(
    tmp_path: Path, seed: bytes, changes: list[tuple[float, int]], kept: float
) -> None:
    data = bytearray(seed)
    for place, value in changes:
        data[int(place * (len(data) - 1))] = value
    file = tmp_path / "a"
    file.write_bytes(data[: int(kept * len(data)) + 1])
    with quiet_pillow():
        try:
            image = read_photograph(file).image
        except Unusable:
            return
    assert image.mode == "RGB"
    assert min(image.size) >= MIN_SIDE
