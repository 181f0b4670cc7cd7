"""Text from elsewhere (errors, names, settings) that is safe to print on a terminal."""

import unicodedata


def plain_text(text: str) -> str:
    """Return text without characters that control a terminal; line breaks and tabs stay.

    Control characters, and characters that reverse the direction of text, are shown as their code.
    """
    return "".join(character if character in "\n\t" else _visible(character) for character in text)


def one_line(text: str) -> str:
    """Return such text on a single line: whitespace becomes a space."""
    return "".join(map(_visible, " ".join(text.split())))


def _visible(character: str) -> str:
    # Cc control, Cf format (text direction, zero width), Cs lone surrogates, Zl and Zp line ends
    if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return character
    return f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}"
