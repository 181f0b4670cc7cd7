"""Modes x depths x containers x alpha x profile x orientation, with the pixels that must come out.

The files are written by tifffile and imagecodecs, or by hand: not by the library that reads them.
"""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import ImageCms

from sr_models.images.read import read_image
from sr_models.images.unusable import Unusable

Pixels = NDArray[Any]

HEIGHT, WIDTH = 20, 32
RANDOM = np.random.default_rng(0)
GREY16 = np.linspace(0, 65535, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH).astype(np.uint16)
GREY8 = (GREY16 >> 8).astype(np.uint8)
RGB16 = RANDOM.integers(0, 65536, (HEIGHT, WIDTH, 3), dtype=np.uint16)
RGB8 = (RGB16 >> 8).astype(np.uint8)
ALPHA8 = np.tile(np.linspace(8, 255, WIDTH).astype(np.uint8), (HEIGHT, 1))
ALPHA16 = ALPHA8.astype(np.uint16) * 257
UNIT = (GREY16 / 65535).astype(np.float32)
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
DEEP = 257  # one of 255 levels, in 16 bits


def with_alpha(pixels: Pixels, alpha: Pixels, *, multiplied: bool = False) -> Pixels:
    colours = pixels if pixels.ndim == 3 else pixels[..., None]
    if multiplied:
        most = np.iinfo(pixels.dtype).max
        colours = np.round(colours * (alpha[..., None] / most)).astype(pixels.dtype)
    return np.concatenate([colours, alpha[..., None]], axis=-1)


def tiff(pixels: Pixels, photometric: str = "minisblack", **options: Any) -> bytes:
    content = BytesIO()
    tifffile.imwrite(content, pixels, photometric=photometric, **options)
    return content.getvalue()


def png(pixels: Pixels) -> bytes:
    return bytes(imagecodecs.png_encode(pixels))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with(content: bytes, *chunks: bytes) -> bytes:
    """A PNG with more chunks after its header."""
    after_header = 8 + 25
    return content[:after_header] + b"".join(chunks) + content[after_header:]


def iccp(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"profile\0\0" + zlib.compress(profile))


def exif(orientation: int) -> bytes:
    return b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)


def small_png(bits: int, colour: int, samples: Pixels, *chunks: bytes) -> bytes:
    """A PNG of less than 8 bits, by hand."""
    height, width = samples.shape
    unpacked = np.unpackbits(samples[..., None], axis=-1)[..., 8 - bits :]
    rows = np.packbits(unpacked.reshape(height, -1), axis=-1)
    data = b"".join(b"\0" + row.tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            *chunks,
            chunk(b"IDAT", zlib.compress(data)),
            chunk(b"IEND", b""),
        ]
    )


def below_a_preview(*, dng: bool) -> bytes:
    """A raw photograph as cameras write it: a small picture, and below it the sensor's values."""
    content = BytesIO()
    version = [(50706, 1, 4, (1, 4, 0, 0), True)] if dng else []
    with tifffile.TiffWriter(content) as file:
        file.write(RGB8, photometric="rgb", subfiletype=1, subifds=1, extratags=version)
        file.write(GREY16, photometric=32803)
    return content.getvalue()


def with_copies() -> bytes:
    """A photograph, and below it a smaller copy: a pyramid."""
    content = BytesIO()
    with tifffile.TiffWriter(content) as file:
        file.write(RGB8, photometric="rgb", subifds=1)
        file.write(RGB8[::2, ::2], photometric="rgb", subfiletype=1)
    return content.getvalue()


def bmp(pixels: Pixels) -> bytes:
    """Of 32 bits, (h, w, 4) RGBA, with a mask for alpha."""
    height, width = pixels.shape[:2]
    data = pixels[::-1, :, [2, 1, 0, 3]].tobytes()
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    header = struct.pack("<IiiHHIIiiII", 108, width, height, 1, 32, 3, len(data), 0, 0, 0, 0)
    header += masks + b"BGRs" + bytes(48)
    return b"BM" + struct.pack("<IHHI", 14 + 108 + len(data), 0, 0, 14 + 108) + header + data


def pgm(pixels: Pixels, white: int) -> bytes:
    height, width = pixels.shape
    data = pixels.astype(">u2" if white > 255 else "u1").tobytes()
    return f"P5 {width} {height} {white}\n".encode() + data


@dataclass(frozen=True)
class Case:
    """A file, and what it shows."""

    content: bytes
    pixels: Pixels
    alpha: Pixels | None = None
    profile: bytes | None = None
    tolerance: float = 0


FOUR = (np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) % 16).astype(np.uint8)
TWELVE = GREY16 >> 4

CASES: dict[str, Case] = {
    # Greyscale, by depth and container.
    "grey 8 png": Case(png(GREY8), GREY8),
    "grey 8 tiff": Case(tiff(GREY8), GREY8),
    "grey 8 tiff lzw": Case(tiff(GREY8, compression="lzw"), GREY8),
    "grey 8 jpeg": Case(imagecodecs.jpeg8_encode(GREY8, level=100), GREY8, tolerance=2),
    "grey 8 jpeg 2000": Case(imagecodecs.jpeg2k_encode(GREY8, level=0), GREY8),
    "grey 8 pgm": Case(pgm(GREY8, 255), GREY8),
    "grey 1 png": Case(small_png(1, 0, FOUR & 1), (FOUR & 1) * 255),
    "grey 2 png": Case(small_png(2, 0, FOUR & 3), (FOUR & 3) * 85),
    "grey 4 png": Case(small_png(4, 0, FOUR), FOUR * 17),
    "grey 16 png": Case(png(GREY16), GREY16),
    "grey 16 tiff": Case(tiff(GREY16), GREY16),
    "grey 16 tiff big endian": Case(tiff(GREY16, byteorder=">"), GREY16),
    "grey 16 tiff deflate": Case(tiff(GREY16, compression="zlib", predictor=True), GREY16),
    "grey 16 jpeg 2000": Case(imagecodecs.jpeg2k_encode(GREY16, level=0), GREY16),
    "grey 16 pgm": Case(pgm(GREY16, 65535), GREY16),
    "grey 12 pgm": Case(pgm(TWELVE, 4095), TWELVE * 16.0037, tolerance=1),
    # Numbers that do not say what is white.
    "int32 of 8 bits": Case(tiff(GREY8.astype(np.int32)), GREY8),
    "uint32 of 8 bits": Case(tiff(GREY8.astype(np.uint32)), GREY8),
    "int32 of 16 bits": Case(tiff(GREY16.astype(np.int32)), GREY16),
    "int16 of 15 bits": Case(tiff((GREY16 >> 1).astype(np.int16)), GREY16, tolerance=2),
    "int16 of 8 bits": Case(tiff(GREY8.astype(np.int16)), GREY8),
    "float to 1": Case(tiff(UNIT), GREY16, tolerance=1),
    "float to 255": Case(tiff(UNIT * 255), GREY16, tolerance=1),
    "float, one value 1.02": Case(
        tiff(np.where(GREY16 == 65535, np.float32(1.02), UNIT)), GREY16, tolerance=1
    ),
    "float from -0.1 to 1.1": Case(
        tiff(UNIT * np.float32(1.2) - np.float32(0.1)),
        np.clip(UNIT * 1.2 - 0.1, 0, 1) * 65535,
        tolerance=1,
    ),
    "float, dark": Case(tiff(UNIT / 10), UNIT * 6553.5, tolerance=1),
    # 0 is white.
    "white first 8 tiff": Case(tiff(GREY8, "miniswhite"), 255 - GREY8),
    "white first 8 tiff deflate": Case(tiff(GREY8, "miniswhite", compression="zlib"), 255 - GREY8),
    "white first 16 tiff": Case(tiff(GREY16, "miniswhite"), 65535 - GREY16),
    "white first 16 tiff lzw": Case(tiff(GREY16, "miniswhite", compression="lzw"), 65535 - GREY16),
    "white first float": Case(tiff(UNIT, "miniswhite"), 65535 - GREY16, tolerance=1),
    # Colours.
    "rgb 8 png": Case(png(RGB8), RGB8),
    "rgb 8 tiff": Case(tiff(RGB8, "rgb"), RGB8),
    "rgb 8 tiff planes": Case(tiff(RGB8.transpose(2, 0, 1), "rgb", planarconfig="separate"), RGB8),
    "rgb 8 bmp": Case(imagecodecs.bmp_encode(RGB8), RGB8),
    "rgb 8 qoi": Case(imagecodecs.qoi_encode(RGB8), RGB8),
    "rgb 8 webp": Case(imagecodecs.webp_encode(RGB8, lossless=True), RGB8),
    "rgb 8 jpeg 2000": Case(imagecodecs.jpeg2k_encode(RGB8, level=0), RGB8),
    "rgb 16 png": Case(png(RGB16), RGB16 / DEEP, tolerance=1),
    "rgb 16 tiff": Case(tiff(RGB16, "rgb"), RGB16 / DEEP, tolerance=1),
    "rgb 16 tiff big endian": Case(tiff(RGB16, "rgb", byteorder=">"), RGB16 / DEEP, tolerance=1),
    "rgb 16 tiff deflate": Case(
        tiff(RGB16, "rgb", compression="zlib", predictor=True), RGB16 / DEEP, tolerance=1
    ),
    # Transparency.
    "grey alpha 8 png": Case(png(with_alpha(GREY8, ALPHA8)), GREY8, ALPHA8),
    "grey alpha 16 png": Case(png(with_alpha(GREY16, ALPHA16)), GREY16 / DEEP, ALPHA8, tolerance=1),
    "grey alpha 8 tiff": Case(
        tiff(with_alpha(GREY8, ALPHA8), extrasamples=["unassalpha"]), GREY8, ALPHA8
    ),
    "grey alpha 8 tiff, multiplied": Case(
        tiff(with_alpha(GREY8, ALPHA8, multiplied=True), extrasamples=["assocalpha"]),
        GREY8,
        ALPHA8,
        tolerance=16,  # of 8 in alpha, a colour has 9 levels
    ),
    "rgba 8 png": Case(png(with_alpha(RGB8, ALPHA8)), RGB8, ALPHA8),
    "rgba 16 png": Case(png(with_alpha(RGB16, ALPHA16)), RGB16 / DEEP, ALPHA8, tolerance=1),
    "rgba 8 webp": Case(
        imagecodecs.webp_encode(with_alpha(RGB8, ALPHA8), lossless=True), RGB8, ALPHA8
    ),
    "rgba 8 tiff": Case(
        tiff(with_alpha(RGB8, ALPHA8), "rgb", extrasamples=["unassalpha"]), RGB8, ALPHA8
    ),
    "rgba 8 tiff, multiplied": Case(
        tiff(with_alpha(RGB8, ALPHA8, multiplied=True), "rgb", extrasamples=["assocalpha"]),
        RGB8,
        ALPHA8,
        tolerance=16,
    ),
    "rgba 16 tiff, multiplied": Case(
        tiff(with_alpha(RGB16, ALPHA16, multiplied=True), "rgb", extrasamples=["assocalpha"]),
        RGB16 / DEEP,
        ALPHA8,
        tolerance=32,  # Pillow divides in 8 bits
    ),
    "one grey value of 8 is transparent": Case(
        png_with(png(GREY8), chunk(b"tRNS", b"\0\x64")), GREY8, np.where(GREY8 == 100, 0, 255)
    ),
    "one grey value of 4 is transparent": Case(
        small_png(4, 0, FOUR, chunk(b"tRNS", b"\0\x03")), FOUR * 17, np.where(FOUR == 3, 0, 255)
    ),
    "one grey value of 2 is transparent": Case(
        small_png(2, 0, FOUR & 3, chunk(b"tRNS", b"\0\x02")),
        (FOUR & 3) * 85,
        np.where(FOUR & 3 == 2, 0, 255),
    ),
    "one grey value of 1 is transparent": Case(
        small_png(1, 0, FOUR & 1, chunk(b"tRNS", b"\0\x01")),
        (FOUR & 1) * 255,
        np.where(FOUR & 1 == 1, 0, 255),
    ),
    "one grey value of 16 is transparent": Case(
        png_with(png(GREY16), chunk(b"tRNS", struct.pack(">H", GREY16[3, 5]))),
        GREY16,
        np.where(GREY16[3, 5] == GREY16, 0, 255),
    ),
    "one colour of 8 is transparent": Case(
        png_with(png(RGB8), chunk(b"tRNS", struct.pack(">HHH", *RGB8[3, 5]))),
        RGB8,
        np.where((RGB8[3, 5] == RGB8).all(-1), 0, 255),
    ),
    "one colour of 16 is transparent": Case(
        png_with(png(RGB16), chunk(b"tRNS", struct.pack(">HHH", *RGB16[3, 5]))),
        RGB16 / DEEP,
        np.where((RGB16[3, 5] == RGB16).all(-1), 0, 255),
        tolerance=1,
    ),
    # A colour profile stays with the pixels that it is about.
    "profile of grey 8 png": Case(png_with(png(GREY8), iccp(PROFILE)), GREY8, profile=PROFILE),
    "profile of grey 16 png": Case(png_with(png(GREY16), iccp(PROFILE)), GREY16, profile=PROFILE),
    "profile of grey 16 tiff": Case(tiff(GREY16, iccprofile=PROFILE), GREY16, profile=PROFILE),
    "profile of float tiff": Case(
        tiff(UNIT, iccprofile=PROFILE), GREY16, profile=PROFILE, tolerance=1
    ),
    "profile of grey alpha 8 png": Case(
        png_with(png(with_alpha(GREY8, ALPHA8)), iccp(PROFILE)), GREY8, ALPHA8, PROFILE
    ),
    "profile of rgb 8 tiff": Case(tiff(RGB8, "rgb", iccprofile=PROFILE), RGB8, profile=PROFILE),
    "profile of rgba 8 png": Case(
        png_with(png(with_alpha(RGB8, ALPHA8)), iccp(PROFILE)), RGB8, ALPHA8, PROFILE
    ),
    "a bmp whose transparency nobody has written": Case(
        bmp(with_alpha(RGB8, np.zeros_like(ALPHA8))), RGB8
    ),
    "rgba 8 bmp": Case(bmp(with_alpha(RGB8, ALPHA8)), RGB8, ALPHA8),
    "a tiff with a smaller copy": Case(with_copies(), RGB8),
    # Beside the pixels.
    "a long text in a png": Case(
        png_with(png(RGB8), chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 3_000_000))), RGB8
    ),
    "a long plain text in a png": Case(
        png_with(png(RGB8), chunk(b"tEXt", b"Comment\0" + b"x" * 3_000_000)), RGB8
    ),
}

TURNED = {
    "grey 8": (GREY8, None),
    "grey 16": (GREY16, None),
    "rgb 8": (RGB8, None),
    "rgba 8": (RGB8, ALPHA8),
    "float": (UNIT, None),
}
# What a viewer does with the stored pixels, by EXIF's number: TIFF 6.0, page 36.
VIEWED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a[::-1].swapaxes(0, 1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: a[:, ::-1].swapaxes(0, 1),
}


def assert_shows(path: Path, case: Case) -> None:
    picture = read_image(path).picture
    assert picture.pixels.shape == case.pixels.shape
    most = 65535 if case.pixels.max() > 255 else 255
    assert picture.maximum == most
    difference = np.abs(picture.pixels.astype(float) - case.pixels)
    assert difference.max() <= case.tolerance
    assert (picture.alpha is None) == (case.alpha is None)
    if case.alpha is not None and picture.alpha is not None:
        assert np.abs(picture.alpha.astype(int) - case.alpha).max() == 0
    assert picture.profile == case.profile


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_file_shows_what_was_written(tmp_path: Path, case: Case) -> None:
    (tmp_path / "a").write_bytes(case.content)
    assert_shows(tmp_path / "a", case)


@pytest.mark.parametrize("orientation", VIEWED)
@pytest.mark.parametrize("kind", TURNED)
def test_every_kind_is_turned_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    pixels, alpha = TURNED[kind]
    stored = pixels if alpha is None else with_alpha(pixels, alpha)
    photometric = "rgb" if pixels.ndim == 3 else "minisblack"
    extra = {} if alpha is None else {"extrasamples": ["unassalpha"]}
    content = tiff(stored, photometric, extratags=[(274, 3, 1, orientation, True)], **extra)
    (tmp_path / "a.tif").write_bytes(content)
    expected = GREY16 if kind == "float" else pixels
    turned = None if alpha is None else VIEWED[orientation](alpha)
    case = Case(b"", VIEWED[orientation](expected), turned, tolerance=int(kind == "float"))
    assert_shows(tmp_path / "a.tif", case)
    if kind != "float":
        content = png_with(png(stored), chunk(b"eXIf", exif(orientation)))
        (tmp_path / "a.png").write_bytes(content)
        assert_shows(tmp_path / "a.png", case)


NAN = np.where(GREY16 == 0, np.float32("nan"), UNIT)
HIGHLIGHTS = np.where(GREY16 > 65000, np.float32(200), UNIT)

REFUSED: dict[str, tuple[bytes, str]] = {
    "float with nan": (tiff(NAN), "their range is not known"),
    "float to 3": (tiff(UNIT * 3), "values from 0 to 3: their range is not known"),
    "float with highlights": (tiff(HIGHLIGHTS), "values from 0 to 200: their range is not known"),
    "float to 65535": (tiff(UNIT * 65535), "their range is not known"),
    "negative": (tiff(GREY8.astype(np.int32) - 5), "values from -5 to 250"),
    "int32 beyond 16 bits": (tiff(GREY16.astype(np.int32) * 2), "values from 0 to 131070"),
    "signed bytes": (tiff((GREY8 >> 1).astype(np.int8)), "signed bytes"),
    "rgb 16 in planes": (
        tiff(RGB16.transpose(2, 0, 1), "rgb", planarconfig="separate"),
        "16 bits with its colours in separate planes",
    ),
    "float colours": (tiff(RGB16 / np.float32(65535), "rgb"), "a kind of TIFF"),
    "double": (tiff(UNIT.astype(np.float64)), "a kind of TIFF"),
    "raw of Nikon": (below_a_preview(dng=False), "a raw photograph, of which only a preview"),
    "raw of Adobe": (below_a_preview(dng=True), "a raw photograph, of which only a preview"),
    "raw of Canon": (b"II*\0\x10\0\0\0CR\x02\0" + bytes(90), "a raw photograph: develop|preview"),
    "newer raw of Canon": (b"\0\0\0\x18ftypcrx " + bytes(90), "a raw photograph: develop it"),
    "photograph of a phone": (
        b"\0\0\0\x18ftypheic" + bytes(90),
        "^HEIC, .* save it as PNG",
    ),
    "jpeg xl": (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(90), "^JPEG XL, .* save it as PNG or JPEG"),
    "half": (tiff(UNIT.astype(np.float16)), "a kind of TIFF"),
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_would_be_read_wrongly_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(Unusable, match=reason):
        read_image(tmp_path / "a")
