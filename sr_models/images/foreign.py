"""Kinds of files that people have among their photographs, but that are not supported here."""

_CONVERT = "save it as PNG or JPEG"
_DEVELOP = "develop it first, to TIFF, PNG or JPEG"

_BEGINNINGS = {
    b"FUJIFILMCCD-RAW": f"a raw photograph: {_DEVELOP}",
    b"8BPS": f"a file of Photoshop: {_CONVERT}",
    b"\0\0\0\x0cJXL ": f"JPEG XL, which is not read here: {_CONVERT}",
    b"\xff\x0a": f"JPEG XL, which is not read here: {_CONVERT}",
    b"v/1\x01": f"OpenEXR, which is not read here: {_CONVERT}",
}
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"), "HEIC"),
    b"avif": "AVIF",
}
LONGEST = 16
"""Bytes at the beginning of a file that tell its kind."""

TIFF = (b"II*\0", b"MM\0*")
RAW_PREVIEW = f"a raw photograph, of which only a preview could be read: {_DEVELOP}"


def foreign_kind(beginning: bytes) -> str | None:
    """Return the kind of a file by its first bytes, and what to do; None if it is unknown."""
    for start, kind in _BEGINNINGS.items():
        if beginning.startswith(start):
            return kind
    if beginning.startswith(TIFF) and beginning[8:10] == b"CR":  # of Canon
        return RAW_PREVIEW
    if beginning[4:8] != b"ftyp":
        return None
    brand = beginning[8:12]
    if brand == b"crx ":
        return f"a raw photograph: {_DEVELOP}"
    return f"{_BRANDS[brand]}, which is not read here: {_CONVERT}" if brand in _BRANDS else None
