"""Pictures of all kinds: what is read, and that what is written says the same."""

from io import BytesIO
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from sr_models.images.picture import Picture, png, write_picture
from sr_models.images.read import frame_count, read_image
from sr_models.images.unusable import Unusable

RANDOM = np.random.default_rng(0)
RGB = RANDOM.integers(0, 256, (6, 9, 3), dtype=np.uint8)
ALPHA = RANDOM.integers(0, 256, (6, 9), dtype=np.uint8)
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def saved(path: Path, image: Image.Image, **options: object) -> Picture:
    image.save(path, **options)
    return read_image(path).picture


def test_colours(tmp_path: Path) -> None:
    picture = saved(tmp_path / "a.png", Image.fromarray(RGB), icc_profile=PROFILE)
    assert np.array_equal(picture.pixels, RGB)
    assert (picture.grey, picture.alpha, picture.profile) == (False, None, PROFILE)
    assert picture.maximum == 255


def test_greyscale(tmp_path: Path) -> None:
    picture = saved(tmp_path / "a.png", Image.fromarray(RGB[..., 0]))
    assert np.array_equal(picture.pixels, RGB[..., 0])
    assert picture.grey


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_greyscale_of_16_bits(tmp_path: Path, name: str) -> None:
    deep = RANDOM.integers(0, 65536, (6, 9), dtype=np.uint16)
    picture = saved(tmp_path / name, Image.fromarray(deep))
    assert picture.pixels.dtype == np.uint16
    assert np.array_equal(picture.pixels, deep)
    assert picture.maximum == 65535


def test_integers_beyond_16_bits(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="from 0 to 70000: their range is not known"):
        saved(tmp_path / "a.tif", Image.fromarray(np.array([[0, 70000]], dtype=np.int32)))


@pytest.mark.parametrize("grey", [False, True])
def test_transparency(tmp_path: Path, grey: bool) -> None:
    image = Image.fromarray(RGB[..., 0] if grey else RGB)
    image.putalpha(Image.fromarray(ALPHA))
    picture = saved(tmp_path / "a.png", image)
    assert picture.alpha is not None
    assert np.array_equal(picture.alpha, ALPHA)
    assert np.array_equal(picture.pixels, RGB[..., 0] if grey else RGB)


def test_a_palette_with_a_transparent_entry(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[0, 1], [2, 0]], dtype=np.uint8), "P")
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    picture = saved(tmp_path / "a.png", image, transparency=1)
    assert picture.alpha is not None
    assert picture.alpha.tolist() == [[255, 0], [255, 255]]
    assert picture.pixels[0].tolist() == [[10, 20, 30], [40, 50, 60]]


def test_cmyk_becomes_srgb(tmp_path: Path) -> None:
    red = Image.new("CMYK", (4, 3), (0, 255, 255, 0))
    picture = saved(tmp_path / "a.tif", red)
    assert picture.pixels.shape == (3, 4, 3)
    assert picture.pixels[0, 0].tolist() == [255, 0, 0]


def test_orientation_is_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by a quarter, clockwise
    picture = saved(tmp_path / "a.png", Image.fromarray(RGB), exif=exif)
    assert np.array_equal(picture.pixels, np.rot90(RGB, -1))


def test_of_an_animation_the_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert read_image(tmp_path / "a.gif").picture.pixels[0, 0].tolist() == [255, 0, 0]


def test_how_many_pictures_there_are(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "green")]
    for name, count in {"a.gif": 3, "a.webp": 3, "a.tif": 3, "a.png": 3, "a.mpo": 1}.items():
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
        assert frame_count(tmp_path / name) == count
    frames[0].save(tmp_path / "b.jpg")
    assert frame_count(tmp_path / "b.jpg") == 1


def test_what_a_png_says_of_its_colours_goes_on(tmp_path: Path) -> None:
    chunks = PngImagePlugin.PngInfo()
    said = {b"cICP": bytes([9, 16, 0, 1]), b"gAMA": (100_000).to_bytes(4)}
    for name, content in said.items():
        chunks.add(name, content)
    chunks.add_text("Comment", "gAMA")
    picture = saved(tmp_path / "a.png", Image.fromarray(RGB), pnginfo=chunks)
    assert dict(picture.said_colours) == said
    write_picture(tmp_path / "b.png", picture)
    assert dict(read_image(tmp_path / "b.png").picture.said_colours) == said
    with Image.open(tmp_path / "b.png") as again:
        assert again.info["gamma"] == 1.0


@pytest.mark.parametrize(
    ("primaries", "transfer", "said"),
    [
        (9, 16, ((b"cICP", bytes([9, 16, 0, 1])),)),  # HDR, by PQ
        (12, 13, ((b"cICP", bytes([12, 13, 0, 1])),)),  # Display P3
        (1, 13, ()),
        (2, 2, ()),
    ],
)
def test_wide_gamut_and_hdr_of_an_avif_go_on(
    tmp_path: Path, primaries: int, transfer: int, said: object
) -> None:
    deep = RANDOM.integers(0, 1024, (32, 48, 3), dtype=np.uint16)
    content = imagecodecs.avif_encode(
        deep, level=0, bitspersample=10, primaries=primaries, transfer=transfer, matrix=1
    )
    (tmp_path / "a.avif").write_bytes(content)
    assert read_image(tmp_path / "a.avif").picture.said_colours == said


def test_one_pixel(tmp_path: Path) -> None:
    assert saved(tmp_path / "a.png", Image.fromarray(RGB[:1, :1])).pixels.shape == (1, 1, 3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "not an image"), (b"hello " * 9, "not an image"), (None, "broken|truncated")],
)
def test_what_is_no_image_has_a_reason(tmp_path: Path, content: bytes | None, reason: str) -> None:
    if content is None:
        whole = BytesIO()
        Image.fromarray(RANDOM.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(whole, "JPEG")
        content = whole.getvalue()[:1500]
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(Unusable, match=reason):
        read_image(tmp_path / "a.jpg")


def test_bombs_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(tmp_path / "a.png")
    with pytest.raises(Unusable, match="too large"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize(
    "picture",
    [
        Picture(RGB, None, PROFILE),
        Picture(RGB, ALPHA),
        Picture(RGB[..., 0]),
        Picture(RGB[..., 0], ALPHA, None),
        Picture(RANDOM.integers(0, 65536, (6, 9), dtype=np.uint16)),
    ],
    ids=["rgb", "rgba", "grey", "grey with alpha", "16 bits"],
)
def test_what_is_written_is_read_again(tmp_path: Path, picture: Picture) -> None:
    write_picture(tmp_path / "a.png", picture)
    again = read_image(tmp_path / "a.png").picture
    assert again.pixels.dtype == picture.pixels.dtype
    assert np.array_equal(again.pixels, picture.pixels)
    assert again.profile == picture.profile
    assert (again.alpha is None) == (picture.alpha is None)
    if picture.alpha is not None:
        assert np.array_equal(again.alpha, picture.alpha)
    assert png(picture) == (tmp_path / "a.png").read_bytes()
