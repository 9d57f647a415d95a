"""Names the examples of a labelled set that published defences against poisoning would suspect.

Texts become weighted word counts and their latent components, images the hidden layer of a small network. The
defences and their measured rates are those of the experiment compliance.poisoning.
"""

import csv
import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import LabelEncoder

from ouroboros.experiments.compliance import poison_defences, poisoned_digits, poisoned_verses, poisoning
from ouroboros.instruments.errors import InstrumentError

LEAST_EACH = 20
_COMPONENTS, _HIDDEN, _EPOCHS, _FOLDS = 50, 32, 60, 4


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Examples with labels.

    Attributes
    ----------
    examples : list of str or ndarray
        Texts; or pixels, shape (n, d).
    labels : list of str
        One for each example.
    places : list of int
        Line of each example in its file; its position for arrays.
    """

    examples: list[str] | NDArray
    labels: list[str]
    places: list[int]


@dataclass(frozen=True, slots=True)
class Suspect:
    """One example under suspicion: where it stands, its label, who suspects it, and how far it stands apart."""

    place: int
    label: str
    reasons: tuple[str, ...]
    score: float


def read_set(path: Path, text: str = "text", label: str = "label") -> LabelledSet:
    """Read ``.csv`` or ``.jsonl`` with a text and a label, ``.csv`` with a label and pixels, or ``.npz``.

    An ``.npz`` file holds the arrays ``images`` (n first) and ``labels``.

    Raises
    ------
    InstrumentError
        With file and line, if the set cannot be read or is too small.
    """
    readers = {".csv": _read_csv, ".jsonl": _read_jsonl, ".npz": _read_npz}
    if path.suffix.lower() not in readers:
        raise InstrumentError(f"{path}: not .csv, .jsonl or .npz (name the file by its form)")
    try:
        found = readers[path.suffix.lower()](path, text, label)
    except OSError as error:
        raise InstrumentError(f"{path}: {error.strerror} (name a file that can be read)") from None
    except UnicodeDecodeError:
        raise InstrumentError(f"{path}: not UTF-8 (save it as UTF-8)") from None
    counts = Counter(found.labels)
    if len(counts) < 2:
        raise InstrumentError(f"{path}: {len(counts)} different labels (at least 2 needed)")
    rare, count = min(counts.items(), key=lambda item: (item[1], item[0]))
    if count < LEAST_EACH:
        raise InstrumentError(
            f"{path}: label {rare!r} has {count} examples (at least {LEAST_EACH} of each needed)"
        )
    return found


def scan(data: LabelledSet, *, share: float = 0.05, seed: int = 0) -> list[Suspect]:
    """Suspects of a set, those of most defences first.

    Parameters
    ----------
    data : LabelledSet
        At least two labels.
    share : float
        Largest share of a label that might be poisoned; the spectral defence always names half as many again.
    seed : int
        Of network and folds; the same seed gives the same suspects.

    Raises
    ------
    InstrumentError
        If the share is not between 0 and 1/2, or texts hold too few words.
    """
    if not 0 < share <= 0.5:
        raise InstrumentError(f"--share {share}: not a share of suspects (above 0 and at most 0.5)")
    labels = LabelEncoder().fit_transform(data.labels)
    rows, features = _represent(data.examples, labels, seed)
    count = math.ceil(1.5 * share * np.bincount(labels).min())
    flags = poisoning.flag(features, rows, labels, count, _FOLDS, seed)
    scores = poison_defences.spectral_scores(features, labels)
    # Of scale no defence knows anything: a score is a multiple of the mean of its class.
    means = np.bincount(labels, scores) / np.bincount(labels)
    scores = scores / np.maximum(means[labels], 1e-300)
    found = [
        Suspect(
            data.places[i],
            data.labels[i],
            tuple(name for name, flagged in flags.items() if flagged[i]),
            float(scores[i]),
        )
        for i in range(len(labels))
    ]
    found = [suspect for suspect in found if suspect.reasons]
    return sorted(found, key=lambda s: (-len(s.reasons), -s.score, s.place))


def write_suspects(path: Path, suspects: Sequence[Suspect]) -> None:
    """Write all suspects as CSV, by way of a temporary file."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["line", "label", "suspected_by", "spectral_score"])
            writer.writerows([s.place, s.label, " ".join(s.reasons), f"{s.score:.4g}"] for s in suspects)
        part.replace(path)
    except OSError as error:
        raise InstrumentError(f"--out {path}: {error.strerror} (name a file that can be written)") from None


def _represent(examples: list[str] | NDArray, labels: NDArray, seed: int) -> tuple[Any, NDArray]:
    if isinstance(examples, list):
        try:
            return poisoned_verses.represent(examples, _COMPONENTS, seed)
        except ValueError:
            raise InstrumentError(
                "texts: fewer than two different words (is this the right column?)"
            ) from None
    low, high = float(examples.min()), float(examples.max())
    if high == low:
        raise InstrumentError("images: all pixels are equal (is this the right array?)")
    pixels = (examples - low) / (high - low)
    network = poisoned_digits.fit(
        poisoned_digits.network(_HIDDEN, _EPOCHS, seed), poisoned_digits.Images(pixels, labels)
    )
    return pixels, poisoned_digits.hidden_features(network, pixels)


def _read_csv(path: Path, text: str, label: str) -> LabelledSet:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        header = reader.fieldnames or []
        if label not in header:
            raise InstrumentError(f"{path}:1: no column {label!r} (there are: {', '.join(header) or 'none'})")
        rows, places = [], []
        for row in reader:
            if None in row or None in row.values():
                raise InstrumentError(
                    f"{path}:{reader.line_num}: not {len(header)} cells (one for each column)"
                )
            rows.append(row)
            places.append(reader.line_num)
    labels = [row[label] for row in rows]
    if text in header:
        return LabelledSet([row[text] for row in rows], labels, places)
    names = [name for name in header if name != label]
    pixels = np.empty((len(rows), len(names)))
    for i, row in enumerate(rows):
        for j, name in enumerate(names):
            pixels[i, j] = _number(row[name], f"{path}:{places[i]}", name, text)
    return LabelledSet(_pixels(pixels, path), labels, places)


def _number(cell: str, where: str, name: str, text: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InstrumentError(
            f"{where}: column {name!r}: {cell!r} is no pixel (a number), and there is no column {text!r}"
        )
    return value


def _read_jsonl(path: Path, text: str, label: str) -> LabelledSet:
    texts, labels, places = [], [], []
    for place, line in enumerate(path.read_text("utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise InstrumentError(
                f"{path}:{place}: not JSON: {error.msg} (one object on each line)"
            ) from None
        if not isinstance(row, dict) or not isinstance(row.get(text), str) or row.get(label) is None:
            raise InstrumentError(f"{path}:{place}: needs a string {text!r} and a {label!r}")
        texts.append(row[text])
        labels.append(str(row[label]))
        places.append(place)
    return LabelledSet(texts, labels, places)


def _read_npz(path: Path, text: str, label: str) -> LabelledSet:
    import zipfile

    try:
        # No pickled objects: a file from a stranger must not run anything.
        with np.load(path, allow_pickle=False) as file:
            missing = {"images", "labels"} - set(file.files)
            if missing:
                raise InstrumentError(f"{path}: no array {sorted(missing)[0]!r} (images and labels needed)")
            images, labels = file["images"], file["labels"]
    except (ValueError, zipfile.BadZipFile, EOFError):
        raise InstrumentError(
            f"{path}: not an .npz file of plain arrays (write it with numpy.savez)"
        ) from None
    if images.ndim < 2 or labels.ndim != 1 or len(images) != len(labels):
        raise InstrumentError(
            f"{path}: images {images.shape}, labels {labels.shape} (n images and n labels needed)"
        )
    if not (np.issubdtype(images.dtype, np.number) or images.dtype == bool):
        raise InstrumentError(f"{path}: images of type {images.dtype} (numbers needed)")
    pixels = images.reshape(len(images), -1).astype(np.float64)
    return LabelledSet(_pixels(pixels, path), [str(x) for x in labels.tolist()], list(range(len(labels))))


def _pixels(pixels: NDArray, path: Path) -> NDArray:
    if pixels.size == 0 or not np.isfinite(pixels).all():
        raise InstrumentError(f"{path}: pixels are missing or not finite (numbers needed)")
    return pixels
