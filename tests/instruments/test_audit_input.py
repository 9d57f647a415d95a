"""Reading what an audit compares: one clear line for each fault."""

import json

import pytest

from ouroboros.cli import main
from ouroboros.instruments.audit_input import read_pair
from ouroboros.instruments.errors import InstrumentError

GOOD = "size,kind\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(24))


@pytest.fixture
def files(tmp_path):
    def write(before, after, suffix="csv"):
        paths = tmp_path / f"before.{suffix}", tmp_path / f"after.{suffix}"
        for path, text in zip(paths, (before, after), strict=True):
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return paths

    return write


def test_kinds_and_empty_cells(files):
    before = GOOD + ",a\n"
    pair = read_pair(*files(before, GOOD))
    assert [(c.name, c.kind, c.missing) for c in pair.columns] == [
        ("size", "number", (1, 0)),
        ("kind", "category", (0, 0)),
    ]
    assert len(pair.rows[0]) == 25


@pytest.mark.parametrize(
    ("after", "message"),
    [
        ("size,kind\n1,a\n2\n", r"after.csv:3: 1 cells \(the header has 2\)"),
        ("size,type\n1,a\n", r"after.csv: 1 rows \(at least 20 needed"),
        (GOOD.replace("kind", "type"), r"after.csv:1: column 'kind' is in one file only"),
        (GOOD.replace("kind", "size"), r"after.csv:1: column 'size' twice"),
        ("", r"after.csv:1: no header"),
        (GOOD.encode() + b"\xff,a\n", r"after.csv:26: not UTF-8"),
        (GOOD + '3,"a"b\n', r"after.csv:26: .* \(quote cells that hold quotes\)"),
    ],
)
def test_faults_of_a_table_name_file_and_line(files, after, message):
    with pytest.raises(InstrumentError, match=message):
        read_pair(*files(GOOD, after))


def test_a_word_among_numbers_is_named(files):
    with pytest.raises(InstrumentError, match=r"after.csv:26: 'many' in 'size' is not a number"):
        read_pair(*files(GOOD, GOOD + "many,a\n"), numbers=["size"])
    with pytest.raises(InstrumentError, match=r"no column 'weight' \(there are size, kind\)"):
        read_pair(*files(GOOD, GOOD), columns=["weight"])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"after.jsonl:25: .* \(one JSON value on each line\)"),
        ('{"body": "x"}', r"after.jsonl:25: no text in the field 'text'; it has body"),
        ("7", r"after.jsonl:25: no text in the field 'text'"),
    ],
)
def test_faults_of_json_lines_name_file_and_line(files, line, message):
    good = "".join(json.dumps({"text": f"line {i}"}) + "\n" for i in range(24))
    with pytest.raises(InstrumentError, match=message):
        read_pair(*files(good, good + line + "\n", "jsonl"))


def test_the_command_ends_with_two_and_one_line(files, capsys, tmp_path):
    before, after = files(GOOD, "size,kind\n1\n")
    assert main(["audit", str(before), str(after)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "after.csv:2: 1 cells" in error
    assert main(["audit", str(before), str(tmp_path / "none.csv")]) == 2
    assert "No such file" in capsys.readouterr().err
    assert main(["audit", str(before), str(tmp_path / "data.xls")]) == 2
    assert "unknown form .xls (give .csv or .jsonl)" in capsys.readouterr().err


def test_the_page_stands_alone(files, capsys, tmp_path):
    before, after = files(GOOD, GOOD.replace("a", "<b>"))
    page = tmp_path / "audit.html"
    assert main(["audit", str(before), str(after), "--html", str(page), "--resamples", "60"]) == 0
    out, text = capsys.readouterr().out, page.read_text("utf-8")
    assert "share of the tail" in out and "whole rows" in out
    assert text.count("<svg ") == 2 and text.count('role="img"') == 2
    loads = text.replace("http://www.w3.org/", "").replace("http://purl.org/", "")
    loads = loads.replace("http://creativecommons.org/", "").replace("https://matplotlib.org/", "")
    assert "http" not in loads and "<script" not in text and "<b>" not in text
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []
