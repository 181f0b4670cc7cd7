"""The sample pictures of a study, as they are stored in its folder.

    pictures/index.json                          the images: {"images": [{"k": 0, "name": ..}]}
    pictures/manifest.json                       what they show (see `Manifest`)
    pictures/0-KIND.png                          what all trials share: inputs, targets, baselines
    trials/<name>/pictures/epoch-0007/0-OUTPUT.webp
    trials/<name>/pictures/epoch-0007/0-OUTPUT.txt   a text in place of a picture
    trials/<name>/pictures/epoch-0007/metrics.json   {"0": {OUTPUT: {SCORE: .., LABEL: ..}}}

The target of an output is the kind with the output's name; a baseline's prediction of it is
LABEL-OUTPUT. A study may come from somebody else, so only files that are really inside its folder
are read, whatever its links and names say.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tuner.analysis.metrics import finite

FOLDER = "pictures"
_EPOCH = re.compile(r"epoch-(\d{1,6})")
_FILE = re.compile(r"(\d{1,3})-([A-Za-z0-9_-]{1,80})")

LONGEST_TEXT = 10_000
"""Characters of a text that the page shows."""

Source = Callable[[Path], str]
"""How the page gets a picture: a URL, or the picture itself as a data URI."""


@dataclass(frozen=True)
class Manifest:
    """What a study's pictures show, as its objective has written it down.

    Args:
        outputs: name -> title of what a trial predicts for an image.
        given: kind -> title and note of what it predicts from.
        baseline: label of the baseline whose predictions there are; "" for none.
        score: the metric of the pictures' scores; "" for the study's own.
        key: the key of the score in metrics.json; the baseline's is under its label.
        more: other scores there: key -> metric; the baseline's is under LABEL-KEY.
    """

    outputs: Mapping[str, str]
    given: Mapping[str, tuple[str, str]]
    baseline: str = ""
    score: str = ""
    key: str = ""
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EpochPictures:
    """What a trial predicted after an epoch: image number -> output -> file."""

    epoch: int
    files: dict[int, dict[str, Path]]
    folder: Path
    texts: dict[int, dict[str, Path]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        shown = [*self.files.values(), *self.texts.values()]
        return sum(path.stat().st_size for by in shown for path in by.values())


def manifest(folder: Path) -> Manifest:
    """Return what the pictures of a study show; for early studies, by the pictures' names."""
    said = _read(folder / FOLDER / "manifest.json", folder)
    if not isinstance(said, Mapping):
        return _by_names({kind for row in images(folder) for kind in row["files"]})
    given = (entry for entry in _listed(said.get("given")) if "kind" in entry)
    outputs = (entry for entry in _listed(said.get("outputs")) if "name" in entry)
    more = said.get("more")
    return Manifest(
        {str(entry["name"]): _text(entry, "title") or str(entry["name"]) for entry in outputs},
        {str(entry["kind"]): (_text(entry, "title"), _text(entry, "note")) for entry in given},
        _text(said, "baseline"),
        _text(said, "score"),
        _text(said, "key"),
        {str(k): str(v) for k, v in more.items()} if isinstance(more, Mapping) else {},
    )


def images(folder: Path) -> list[dict[str, Any]]:
    """Return the validation images: `k`, `name`, and `files` by kind (those that exist)."""
    listed = _read(folder / FOLDER / "index.json", folder)
    rows = listed.get("images") if isinstance(listed, Mapping) else None
    files = _by_image(folder / FOLDER, ".png", folder)
    return [
        {"k": row["k"], "name": str(row.get("name", row["k"])), "files": files.get(row["k"], {})}
        for row in _listed(rows)
        if _is_index(row.get("k"))
    ]


def trial_pictures(folder: Path, trial: str, count: int) -> list[EpochPictures]:
    """Return the pictures of a trial for the first `count` images, by epoch."""
    root = folder / "trials" / trial / "pictures"
    # a trial's name comes from a file: it must not lead out of the folder
    if Path(trial).name != trial or not root.is_dir():
        return []
    epochs = [(int(m[1]), path) for path in root.iterdir() if (m := _EPOCH.fullmatch(path.name))]
    found = [
        EpochPictures(
            epoch,
            _files(path, ".webp", folder, count),
            path,
            _files(path, ".txt", folder, count),
        )
        for epoch, path in sorted(epochs)
    ]
    return [pictures for pictures in found if pictures.files or pictures.texts]


def scores(
    pictures: EpochPictures, folder: Path, about: Manifest
) -> dict[int, dict[str, dict[str, Any]]]:
    """Return the scores of all pictures, and the baseline's: k -> output -> `value`, `baseline`,
    `more`."""
    read = _read(pictures.folder / "metrics.json", folder)
    found: dict[int, dict[str, dict[str, Any]]] = {}
    for k, files in pictures.files.items():
        row = read.get(str(k)) if isinstance(read, Mapping) else None
        for output in files:
            figures = row.get(output) if isinstance(row, Mapping) else None
            if isinstance(figures, Mapping):
                found.setdefault(k, {})[output] = _scores(figures, about)
    return found


def inside(path: Path, folder: Path) -> bool:
    """Return whether `path` is a regular file that is really inside `folder`, links followed."""
    try:
        return path.is_file() and path.resolve().is_relative_to(folder.resolve())
    except OSError:
        return False


def shared_data(folder: Path, source: Source) -> dict[str, Any]:
    """Return what all trials share, as JSON: the manifest and the images."""
    about = manifest(folder)
    return {
        "outputs": [{"name": name, "title": title} for name, title in about.outputs.items()],
        "given": [
            {"kind": kind, "title": title, "note": note}
            for kind, (title, note) in about.given.items()
        ],
        "baseline": about.baseline or None,
        "score": about.score or None,
        "images": [
            row | {"files": {kind: source(path) for kind, path in row["files"].items()}}
            for row in images(folder)
        ],
    }


def epoch_data(
    pictures: EpochPictures, folder: Path, source: Source, about: Manifest
) -> dict[str, Any]:
    """Return an epoch of a trial as JSON."""
    return {
        "epoch": pictures.epoch,
        "files": {
            k: {output: source(path) for output, path in files.items()}
            for k, files in pictures.files.items()
        },
        "texts": {
            k: {output: _start(path) for output, path in files.items()}
            for k, files in pictures.texts.items()
        },
        "scores": scores(pictures, folder, about),
    }


def _start(path: Path) -> str:
    """A text, or as much of it as the page shows."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            text = file.read(LONGEST_TEXT + 1)
    except OSError:
        return ""
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]} …"


def _files(path: Path, ending: str, folder: Path, count: int) -> dict[int, dict[str, Path]]:
    return {k: files for k, files in _by_image(path, ending, folder).items() if k < count}


def _by_image(place: Path, suffix: str, folder: Path) -> dict[int, dict[str, Path]]:
    """The pictures in a folder: image number -> kind -> file."""
    found: dict[int, dict[str, Path]] = {}
    for path in sorted(place.glob(f"*{suffix}")) if place.is_dir() else ():
        if (named := _FILE.fullmatch(path.stem)) and inside(path, folder):
            found.setdefault(int(named[1]), {})[named[2]] = path
    return dict(sorted(found.items()))


def _by_names(kinds: set[str]) -> Manifest:
    """A manifest from the kinds that exist: `bicubic-mid` is a baseline's prediction of `mid`."""
    pairs = [kind.split("-", 1) for kind in sorted(kinds) if "-" in kind]
    predicted = [(label, output) for label, output in pairs if output in kinds]
    outputs = dict.fromkeys(output for _, output in sorted(predicted, reverse=True))
    given = [kind for kind in sorted(kinds) if "-" not in kind and kind not in outputs]
    return Manifest(
        {output: output for output in outputs},
        {kind: (kind, "") for kind in given},
        next((label for label, _ in predicted), ""),
    )


def _scores(figures: Mapping[Any, Any], about: Manifest) -> dict[str, Any]:
    known = {str(n): v for n, raw in figures.items() if (v := finite(raw)) is not None}
    key = about.key or next((name for name in known if name != about.baseline), "")
    named = {"value": known.get(key), "baseline": known.get(about.baseline)}
    more = {
        metric: [known.get(other), known.get(f"{about.baseline}-{other}")]
        for other, metric in about.more.items()
        if other in known
    }
    given = {name: value for name, value in named.items() if value is not None}
    return {**given, "more": more} if more else given


def _listed(rows: object) -> Sequence[Mapping[str, Any]]:
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _text(row: Mapping[str, Any], key: str) -> str:
    return str(row.get(key) or "")


def _is_index(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1000


def _read(path: Path, folder: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8")) if inside(path, folder) else None
    except (OSError, ValueError):
        return None
