import csv
import json

import numpy as np
import pytest

from ouroboros.cli import main
from ouroboros.experiments.compliance import poisoned_digits, poisoned_verses
from ouroboros.instruments import poison_scan
from ouroboros.instruments.errors import InstrumentError


@pytest.fixture(scope="module")
def texts():
    return poisoned_verses.draw(120, 0.1, np.random.default_rng(2))


def write_csv(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def test_csv_and_json_lines_say_the_same(tmp_path, texts):
    verses, labels, _ = texts
    rows = [(t, f"label {y}") for t, y in zip(verses, labels, strict=True)]
    table = write_csv(tmp_path / "a.csv", [("text", "label"), *rows])
    lines = tmp_path / "a.jsonl"
    lines.write_text("\n".join(json.dumps({"text": t, "label": y}) for t, y in rows), "utf-8")
    one, two = poison_scan.read_set(table), poison_scan.read_set(lines)
    assert (one.examples, one.labels) == (two.examples, two.labels)
    assert one.places[0] == 2 and two.places[0] == 1
    found = poison_scan.scan(one)
    assert [(s.label, s.reasons) for s in found] == [(s.label, s.reasons) for s in poison_scan.scan(two)]
    assert {reason for s in found for reason in s.reasons} >= {"spectral", "mistakes"}


def test_relabelled_images_are_suspected_more_often_than_clean_ones(tmp_path):
    rng = np.random.default_rng(1)
    images, bad = poisoned_digits.poison(poisoned_digits.split(600, rng)[0], "noise", 0, 0.05, rng)
    path = tmp_path / "digits.npz"
    np.savez(path, images=images.rows.reshape(-1, 8, 8), labels=images.labels)
    suspects = poison_scan.scan(poison_scan.read_set(path))
    mistaken = np.zeros(600, dtype=bool)
    mistaken[[s.place for s in suspects if "mistakes" in s.reasons]] = True
    assert mistaken[bad].mean() > 0.5 > 10 * mistaken[~bad].mean()
    assert len(suspects[0].reasons) >= len(suspects[-1].reasons)
    pixels = write_csv(
        tmp_path / "digits.csv",
        [
            ["label", *map(str, range(64))],
            *([y, *row] for y, row in zip(images.labels, images.rows, strict=True)),
        ],
    )
    again = poison_scan.scan(poison_scan.read_set(pixels))
    assert [s.place - 2 for s in again] == [s.place for s in suspects]


def test_command_writes_all_suspects(tmp_path, texts, capsys):
    verses, labels, _ = texts
    path = write_csv(tmp_path / "a.csv", [("text", "label"), *zip(verses, labels, strict=True)])
    out = tmp_path / "out.csv"
    assert main(["poison-scan", str(path), "--show", "2", "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert shown.count("line ") == 2 and "clean sets have them" in shown
    assert out.read_text().startswith("line,label,suspected_by,spectral_score")
    assert main(["poison-scan", str(path), "--out", str(tmp_path / "no" / "out.csv")]) == 2
    assert "--out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "x", "not .csv"),
        ("a.csv", "text,y\na,b\n", "a.csv:1: no column 'label'"),
        ("a.csv", "text,label\na\n", "a.csv:2: not 2 cells"),
        ("a.csv", "text,label\na,b\n", "1 different labels"),
        ("a.csv", "text,label\na,b\nc,d\n", "at least 20"),
        ("a.csv", "p,label\n1,b\nq,d\n", "a.csv:3: column 'p': 'q' is no pixel"),
        ("a.jsonl", '{"text": "a", "label": 1}\n{"text": 3}\n', "a.jsonl:2: needs"),
        ("a.jsonl", "nonsense\n", "a.jsonl:1: not JSON"),
        ("a.npz", "nonsense", "not an .npz"),
    ],
)
def test_bad_files_are_refused_in_one_line(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_text(content, "utf-8")
    with pytest.raises(InstrumentError) as caught:
        poison_scan.read_set(path)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_arrays_that_do_not_fit_are_refused(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, images=np.zeros((3, 2, 2)), labels=np.zeros(2))
    with pytest.raises(InstrumentError, match="n images and n labels"):
        poison_scan.read_set(path)
    np.savez(path, images=np.array([{}, {}], dtype=object), labels=np.zeros(2))
    with pytest.raises(InstrumentError, match="plain arrays"):
        poison_scan.read_set(path)
    np.savez(path, pictures=np.zeros(3))
    with pytest.raises(InstrumentError, match="no array 'images'"):
        poison_scan.read_set(path)
    with pytest.raises(InstrumentError, match="No such file"):
        poison_scan.read_set(tmp_path / "none.csv")


def test_sets_without_content_are_refused():
    labels, places = ["a", "b"] * 20, list(range(40))
    with pytest.raises(InstrumentError, match="pixels are equal"):
        poison_scan.scan(poison_scan.LabelledSet(np.ones((40, 4)), labels, places))
    with pytest.raises(InstrumentError, match="different words"):
        poison_scan.scan(poison_scan.LabelledSet(["a"] * 40, labels, places))
    with pytest.raises(InstrumentError, match="--share"):
        poison_scan.scan(poison_scan.LabelledSet(["a b"] * 40, labels, places), share=0.9)
