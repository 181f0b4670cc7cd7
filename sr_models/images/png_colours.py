"""What a PNG says of its colours beside a profile: gamma, primaries, transfer."""

from pathlib import Path

Chunks = tuple[tuple[bytes, bytes], ...]

_KEPT = (b"cICP", b"gAMA", b"cHRM", b"sRGB")
_SIGNATURE = 8
_LONGEST = 64  # bytes; the longest of them, cHRM, has 32


def colour_chunks(path: Path) -> Chunks:
    """Name and content of those chunks of a PNG, which Pillow neither keeps nor applies.

    The pixels mean something else without them: an image of linear light would look dark.
    """
    found: dict[bytes, bytes] = {}
    with path.open("rb") as file:
        file.seek(_SIGNATURE)
        while len(head := file.read(8)) == 8 and head[4:] != b"IDAT":
            length, name = int.from_bytes(head[:4]), head[4:]
            if name in _KEPT and length <= _LONGEST:
                found[name] = file.read(length)
            else:
                file.seek(length, 1)
            file.seek(4, 1)  # its checksum
    return tuple(found.items())
