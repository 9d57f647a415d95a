"""Entries are written by inserting lines: nothing else moves, nothing is lost, nothing faulty is written."""

import multiprocessing
import os
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ouroboros.forecasting.guard import FILE
from ouroboros.forecasting.insert import append, inserted
from ouroboros.ledger import LedgerFaults, load_ledger
from ouroboros.ledger.yamlfile import read_yaml


def estimate(value, why="It moved."):
    return "probabilities", {
        "date": "2026-12-01", "reading": "strict", "value": value, "label": "estimate of this edition",
        "by": "the editors", "why": why,
    }  # fmt: skip


LAYOUTS = {
    "the list is there": "  history:\n  - a: b\n  title: x\n",
    "the list is last": "  title: x\n  history:\n  - a: b\n",
    "the list is not there": "  title: x\n",
    "the list is empty": "  history:\n  title: x\n",
    "indented dashes": "  history:\n    - a: b\n    - a: c\n  title: x\n",
    "a comment behind": "  history:\n  - a: b  # why\n  # about the title\n  title: x\n",
    "folded text last": "  title: x\n  history:\n  - a: >-\n      long\n      text\n\n\n",
    "literal text last": "  title: x\n  history:\n  - a: |\n      long\n      # no comment\n",
    "plain text over lines": "  title: x\n  history:\n  - a: long\n      text\n\n",
    "quoted over lines": "  title: x\n  history:\n  - a: 'long\n      text'  # so\n\n",
    "brackets last": "  title: x\n  history:\n  - a: [1,\n      2]\n",
    "no end of line": "  title: x\n  history:\n  - a: b",
    "carriage returns": "  title: x\r\n  history:\r\n  - a: b\r\n",
    "letters of many bytes": "  title: '\U0001d518\u2028  é'\n  history:\n  - a: é𝔘\n",
}
AFTER = ("", "\n# next\n- id: N5\n  history:\n  - a: z\n", "\nnot_scored: []\n")


@pytest.mark.parametrize(
    ("layout", "after"),
    # A file without an end of line has nothing after it.
    [(layout, after) for after in AFTER for layout in LAYOUTS if not after or LAYOUTS[layout].endswith("\n")],
)
def test_every_layout_takes_an_entry_without_moving_a_line(layout, after):
    body = LAYOUTS[layout]
    text = f"# top\nforecasts:\n- id: N4\n{body}{after}"
    new, added = inserted(text, "N4", "history", {"a": "new: text", "n": 0.5})
    place = new.index(added)
    ending = "" if text[:place].endswith("\n") or not text[:place] else "\n"
    assert new == text[:place] + ending + added + text[place:]
    forecast = read_yaml(new, FILE).data["forecasts"][0]
    assert forecast["history"][-1] == {"a": "new: text", "n": 0.5}
    assert "\r\n" not in text or "\n" not in added.replace("\r\n", "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "forecasts:\n- id: N4\n  history: [{a: b}]\n",
            "forecasts.yml:3: N4: 'history' is written in brackets",
        ),
        ("forecasts:\n- {id: N4}\n", "forecasts.yml:2: N4: is written in braces"),
        ("forecasts:\n- id: N5\n", "N4: no such forecast"),
        ("forecasts: [\n", "is not valid YAML"),
    ],
)
def test_a_layout_that_would_have_to_be_rewritten_is_refused(text, message):
    with pytest.raises(LedgerFaults, match=r".") as caught:
        inserted(text, "N4", "history", {"a": "b"})
    assert message in str(caught.value)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=300))
def test_any_text_comes_back_as_it_was_given(text):
    text = " ".join(text.split())
    if not text:
        return
    base = "forecasts:\n- id: N4\n  history:\n  - a: b\n\n- id: N5\n"
    new, _ = inserted(base, "N4", "history", {"why": text})
    assert read_yaml(new, FILE).data["forecasts"][0]["history"][1] == {"why": text}


def test_an_entry_is_on_disk_and_everything_else_as_before(checkout):
    path = checkout / FILE
    path.chmod(0o640)
    before = path.read_text().splitlines()
    ledger, added = append(checkout, "N4", lambda _: estimate(0.35))
    assert ledger.forecasts["N4"].probability().value == 0.35
    after = path.read_text().splitlines()
    start = next(k for k, (a, b) in enumerate(zip(before, after, strict=False)) if a != b)
    assert after[:start] + after[start + 6 :] == before
    assert after[start : start + 6] == added.splitlines()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert all(p.suffix == ".yml" and not p.name.startswith(".") for p in path.parent.iterdir())


@pytest.mark.parametrize(
    ("ident", "entry", "message"),
    [
        ("N5", estimate(0.3), "N5: no such forecast"),
        ("N4", estimate(0.9999), "N4: is our own forecast, so its probabilities lie between"),
        ("N4", ("probabilities", {"date": "2026-12-01"}), "N4: lacks the field 'reading'"),
        ("N4", ("probabilities", {**estimate(0.3)[1], "date": "2026-01-01"}), "N4: has 'probabilities' out of order"),
        ("F3", ("evidence", {"date": "2026", "direction": "for", "reliability": "low", "summary": "x",
                             "source": "nobody", "added_on": "2026-12-01"}), "F3: unknown citation key 'nobody'"),
        ("N4", estimate(0.3, why="No case was found."), "needs 'horizon'"),
    ],
)  # fmt: skip
def test_nothing_faulty_is_written(checkout, ident, entry, message):
    before = (checkout / FILE).read_bytes()
    with pytest.raises(LedgerFaults) as caught:
        append(checkout, ident, lambda _: entry)
    assert message in str(caught.value)
    assert (checkout / FILE).read_bytes() == before


def test_a_changed_ledger_takes_no_entry_until_it_is_put_right(checkout):
    path = checkout / FILE
    path.write_text(path.read_text().replace("value: 0.38", "value: 0.5"))
    with pytest.raises(LedgerFaults, match="was changed"):
        append(checkout, "N4", lambda _: estimate(0.35))


def test_a_writer_that_dies_leaves_the_old_file(checkout, monkeypatch):
    before = (checkout / FILE).read_bytes()

    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        append(checkout, "N4", lambda _: estimate(0.35))
    assert (checkout / FILE).read_bytes() == before
    assert not list((checkout / "ledger").glob(".*"))


def _write_many(root, ident, count):
    for k in range(count):
        append(root, ident, lambda _, k=k: estimate(0.2, why=f"Entry {k} of {os.getpid()}."))


def test_two_writers_at_once_lose_nothing(checkout):
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_many, args=(checkout, i, 5)) for i in ("N4", "N4", "F3")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [w.exitcode for w in writers] == [0, 0, 0]
    forecasts = load_ledger(checkout).forecasts
    reasons = [
        p.why for ident in ("N4", "F3") for p in forecasts[ident].probabilities if p.why.startswith("Entry")
    ]
    assert len(reasons) == len(set(reasons)) == 15
