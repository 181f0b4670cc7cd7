"""Text on a picture, in a font that every machine has."""

from PIL import ImageDraw, ImageFont

INK, QUIET, FAINT, PAPER = "#1c2333", "#667085", "#e4e7ec", "#ffffff"


def write(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    *,
    size: int,
    colour: str = INK,
    anchor: str = "la",
) -> None:
    """Write a line of text.

    Args:
        draw: the picture.
        at: position in pixels.
        text: the line.
        size: font size in pixels.
        colour: of the text.
        anchor: Pillow's: "la" puts its upper left corner at the position `at`.
    """
    draw.text(at, text, font=_font(size), fill=colour, anchor=anchor)


def text_width(draw: ImageDraw.ImageDraw, text: str, size: int) -> float:
    """Return the width of a line in pixels."""
    return draw.textlength(text, _font(size))


def fitting(draw: ImageDraw.ImageDraw, text: str, size: int, room: float) -> str:
    """Return the text, shortened in the middle if there is no room for all of it.

    The font has few letters beyond ASCII: others become "?".
    """
    text = text.encode("ascii", "replace").decode("ascii")
    short, keep = text, len(text) // 2
    while keep and text_width(draw, short, size) > room:
        keep -= 1
        short = f"{text[:keep]}...{text[len(text) - keep :]}"
    return short


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
