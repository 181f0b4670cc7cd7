"""The colours of a PNG or AVIF as described without a profile: gamma, primaries, transfer."""

from pathlib import Path

Chunks = tuple[tuple[bytes, bytes], ...]

_KEPT = (b"cICP", b"gAMA", b"cHRM", b"sRGB")
_SIGNATURE = 8
_LONGEST = 64  # bytes; the longest chunk, cHRM, has 32

# By the numbers of ITU-T H.273: sRGB's and BT.709's, old television's, or not said.
_USUAL_PRIMARIES, _USUAL_TRANSFERS = (1, 2, 5, 6), (1, 2, 6, 13)
_AVIF_HEAD = 65536  # bytes, before the pixels


def avif_colours(path: Path) -> Chunks:
    """Return the colours of an AVIF with wide gamut or HDR, as a PNG chunk (cICP)."""
    with path.open("rb") as file:
        _, found, said = file.read(_AVIF_HEAD).partition(b"colrnclx")
    primaries, transfer = int.from_bytes(said[:2]), int.from_bytes(said[2:4])
    usual = primaries in _USUAL_PRIMARIES and transfer in _USUAL_TRANSFERS
    if not found or usual or max(primaries, transfer) > 255:
        return ()
    return ((b"cICP", bytes([primaries, transfer, 0, 1])),)


def colour_chunks(path: Path) -> Chunks:
    """Return names and contents of those chunks of a PNG, which Pillow neither keeps nor applies.

    Without them the pixels mean something else: an image of linear light would look dark.
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
