"""What was committed or published stays; whatever else happens to the file is refused with its line."""

import random
import re
import shutil
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ouroboros.forecasting.guard import FILE, GROWING, changes, committed_versions, compare
from ouroboros.forecasting.insert import inserted
from ouroboros.ledger import LedgerFaults, load_ledger
from ouroboros.ledger.yamlfile import read_yaml

CASES = {
    "a changed value": ("value: 0.38", "value: 0.5", "N4: entry p1 of 'probabilities' was changed"),
    "a changed reason": ("Law and code push", "Law and codes push", "N4: entry p1 of 'probabilities' was changed"),
    "a changed status": ("strict: resolved-yes\n    strict_d", "strict: resolved-no\n    strict_d",
                         "FU1: entry s1 of 'history' was changed"),
    "a moved goalpost": ("at least two of the five", "at least one of the five", "N4: 'statement' was changed"),
    "a moved close": ("close: '2027-12-31'", "close: '2028-12-31'", "N4: 'window' was changed"),
    "a new fine print": ("  status_quo:\n", "  topic: other\n  status_quo:\n",
                         "F3: 'topic' was added to what is fixed"),
    "a changed scale": ("probability: 0.93", "probability: 0.9", "item 1 of 'word_scale' was changed"),
    "a closed log": ("  log_opened_on: '2026-11-23'\n", "", "'log_opened_on' was removed"),
    "a changed link": ("  - U1\n", "  - K4\n", "FU1: item 1 of 'links' was changed"),
}  # fmt: skip


def test_the_committed_state_is_sound(checkout):
    found = compare(checkout)
    assert (found.faults, found.commits, found.editions, found.opened) == ((), 1, 0, True)
    assert found.sentence() == "forecasts: append-only against 1 earlier versions and 0 editions"


@pytest.mark.parametrize("case", CASES)
def test_a_change_of_what_was_committed_is_refused_with_its_line(checkout, case):
    old, new, message = CASES[case]
    text = (checkout / FILE).read_text()
    assert old in text
    changed = text.replace(old, new, 1)
    load_ledger(checkout, instead={"forecasts": changed})
    found = [str(fault) for fault in compare(checkout, changed).faults]
    assert any(message in fault for fault in found), found
    assert all(re.match(r"ledger/forecasts\.yml:\d+: ", fault) for fault in found)


def test_a_removed_forecast_is_refused(checkout):
    text = (checkout / FILE).read_text()
    start = text.index("- id: N4")
    gone = text[:start] + text[text.index("\nnot_scored:") :]
    assert "N4: was removed" in str(compare(checkout, gone).faults[0])


def test_the_line_is_that_of_the_entry(checkout):
    text = (checkout / FILE).read_text().replace("value: 0.38", "value: 0.5")
    [fault] = compare(checkout, text).faults
    assert text.splitlines()[fault.line : fault.line + 2] == ["    reading: strict", "    value: 0.5"]


def test_a_frozen_edition_is_held_against_too(checkout):
    frozen = checkout / "editions/2026.11" / FILE
    frozen.parent.mkdir(parents=True)
    shutil.copy(checkout / FILE, frozen)
    shutil.rmtree(checkout / ".git")
    text = (checkout / FILE).read_text().replace("value: 0.38", "value: 0.5")
    found = compare(checkout, text)
    assert (found.editions, found.commits) == (1, 0)
    assert "edition 2026.11 has it otherwise" in str(found.faults[0])


def test_every_version_counts_not_only_the_last(checkout, committed):
    """A change that was committed against the rules stays a fault until it is put back."""
    path = checkout / FILE
    path.write_text(path.read_text().replace("value: 0.38", "value: 0.5"))
    committed(checkout)
    assert len(committed_versions(checkout)) == 2
    assert compare(checkout).faults
    path.write_text(path.read_text().replace("value: 0.5", "value: 0.38"))
    assert compare(checkout).faults  # the committed 0.5 was published as well


def test_before_the_log_is_open_everything_may_change(checkout, committed):
    path = checkout / FILE
    shutil.rmtree(checkout / ".git")
    from subprocess import run

    run(["git", "init", "-q", str(checkout)], check=True)
    path.write_text(path.read_text().replace("  log_opened_on: '2026-11-23'\n", ""))
    committed(checkout)
    path.write_text(path.read_text().replace("value: 0.38", "value: 0.5"))
    found = compare(checkout)
    assert not found.faults and not found.opened
    assert "not open yet" in found.sentence()


def test_without_a_history_there_is_nothing_to_hold_against(tmp_path):
    assert compare(tmp_path).faults == ()


def faults_of(root, text):
    """All that `ouroboros check` would say of a text."""
    try:
        load_ledger(root, instead={"forecasts": text})
    except LedgerFaults as error:
        return [str(fault) for fault in error.faults]
    return [str(fault) for fault in compare(root, text).faults]


# --- a hundred random corruptions --------------------------------------------------------------------


def _delete_line(lines, rng):
    del lines[rng.randrange(len(lines))]


def _double_line(lines, rng):
    k = rng.randrange(len(lines))
    lines.insert(k, lines[k])


def _swap_lines(lines, rng):
    k = rng.randrange(len(lines) - 1)
    lines[k], lines[k + 1] = lines[k + 1], lines[k]


def _change_letter(lines, rng):
    k = rng.choice([k for k, line in enumerate(lines) if any(c.isalpha() for c in line)])
    place = rng.choice([j for j, c in enumerate(lines[k]) if c.isalpha()])
    lines[k] = lines[k][:place] + rng.choice("abcxyzAQ") + lines[k][place + 1 :]


def _change_digit(lines, rng):
    k = rng.choice([k for k, line in enumerate(lines) if any(c.isdigit() for c in line)])
    place = rng.choice([j for j, c in enumerate(lines[k]) if c.isdigit()])
    lines[k] = lines[k][:place] + rng.choice("0123456789") + lines[k][place + 1 :]


def _indent(lines, rng):
    k = rng.randrange(len(lines))
    lines[k] = " " * rng.randint(1, 3) + lines[k]


def _tab(lines, rng):
    k = rng.randrange(len(lines))
    lines[k] = "\t" + lines[k].lstrip()


def _cut(lines, rng):
    k = rng.randrange(len(lines) // 2, len(lines))
    lines[k] = lines[k][: rng.randint(0, len(lines[k]))]
    del lines[k + 1 :]


def _remove_block(lines, rng):
    k = rng.randrange(len(lines))
    del lines[k : k + rng.randint(2, 12)]


def _stray_sign(lines, rng):
    k = rng.randrange(len(lines))
    lines[k] += rng.choice([" [", " }", ': "', " *x", " &y z", " # "])


CORRUPTIONS = (
    _delete_line, _double_line, _swap_lines, _change_letter, _change_digit,
    _indent, _tab, _cut, _remove_block, _stray_sign,
)  # fmt: skip


def test_a_hundred_random_corruptions_are_each_refused_with_file_and_line(checkout):
    text = (checkout / FILE).read_text()
    data = read_yaml(text, FILE).data
    rng = random.Random(20261123)
    refused = 0
    while refused < 100:
        lines = text.split("\n")
        corruption = CORRUPTIONS[refused % len(CORRUPTIONS)]
        corruption(lines, rng)
        corrupt = "\n".join(lines)
        if read_yaml(corrupt, FILE).data == data:
            continue  # a blank line, a comment: nothing the ledger says has changed
        found = faults_of(checkout, corrupt)
        assert found, f"{corruption.__name__} went through"
        assert all(re.match(r"(ledger/\w+\.yml|references\.bib):\d+: ", fault) for fault in found), found
        assert any(fault.startswith("ledger/forecasts.yml:") for fault in found), found
        refused += 1


# --- random sequences of edits --------------------------------------------------------------------------

entries = st.fixed_dictionaries(
    {"date": st.just("2026-12-01"), "note": st.text("abc :#'é-", min_size=1, max_size=120)}
)
appends = st.lists(
    st.tuples(st.sampled_from(["F3", "FU1", "N4"]), st.sampled_from(GROWING[:7]), entries), max_size=5
)


def _leaves(data, path=()):
    if isinstance(data, dict | list) and data:
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _leaves(value, (*path, key))
    else:
        yield path


def _with_change(data, path):
    changed = deepcopy(data)
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = "changed" if holder[path[-1]] != "changed" else "otherwise"
    return changed


@settings(max_examples=12, deadline=None)
@given(edits=appends, random=st.randoms(use_true_random=False))
def test_appending_is_always_allowed_and_changing_never_is(texts, edits, random):
    versions = [texts[FILE]]
    for ident, name, entry in edits:
        entry = {key: " ".join(value.split()) or "x" for key, value in entry.items()}
        versions.append(inserted(versions[-1], ident, name, entry)[0])
    states = [read_yaml(version, FILE) for version in versions]
    for k, earlier in enumerate(states):
        for later in states[k:]:
            assert list(changes(earlier.data, later, "before")) == []
    # whatever stood in any earlier version may not be changed in the last one
    earlier = random.choice(states)
    path = random.choice(list(_leaves(earlier.data)))
    last = states[-1]
    tampered = deepcopy(last)
    tampered.data = _with_change(last.data, path)
    assert list(changes(earlier.data, tampered, "before")), path
    # and an entry that was added may not be taken away again
    for k in range(1, len(states)):
        assert list(changes(states[k].data, states[k - 1], "before"))


def test_what_an_edition_froze_counts_even_if_its_log_was_not_open(checkout):
    frozen = checkout / "editions/2026.10" / FILE
    frozen.parent.mkdir(parents=True)
    text = (checkout / FILE).read_text()
    frozen.write_text(
        text.replace("  log_opened_on: '2026-11-23'\n", "").replace("value: 0.38", "value: 0.5")
    )
    found = compare(checkout)
    assert [fault.message.split(" (")[0] for fault in found.faults] == [
        "entry p1 of 'probabilities' was changed"
    ]
    frozen.write_text(text.replace("  log_opened_on: '2026-11-23'\n", ""))
    assert compare(checkout).faults == ()  # opening the log is no change


def test_the_log_of_this_report_is_open(ledger, root):
    """Its own forecasts were made on the day on which it was opened, so no version of them escapes the guard."""
    opened = ledger.forecasts_meta.log_opened_on
    assert opened is not None and compare(root).opened
    assert all(f.made_on >= opened for f in ledger.forecasts.values() if f.origin == "edition")


@pytest.mark.parametrize(
    ("bears", "committed_on", "refused"),
    [
        ("2026-12-01", "2026-12-01", False),
        ("2026-12-01", "2026-12-15", False),
        ("2026-12-01", "2026-12-16", True),  # written down after the event, dated before it
        ("2026-12-01", "2026-11-30", False),  # another time zone
        ("2026-12-01", "2026-11-29", True),
    ],
)
@pytest.mark.parametrize("name", ["probabilities", "evidence"])
def test_an_entry_bears_the_day_on_which_it_is_committed(
    checkout, committed, monkeypatch, name, bears, committed_on, refused
):
    path = checkout / FILE
    entry = {"date": bears} if name == "probabilities" else {"date": "2020", "added_on": bears}
    text, added = inserted(path.read_text(), "N4", name, entry)
    path.write_text(text)
    monkeypatch.setenv("GIT_AUTHOR_DATE", f"{committed_on}T12:00:00+00:00")
    committed(checkout)
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2027-06-01T12:00:00+00:00")
    path.write_text("# A later comment.\n" + text)
    committed(checkout)
    found = compare(checkout).faults
    assert bool(found) == refused
    if refused:
        [fault] = found
        assert f"bears the day {bears} and was first committed on {committed_on}" in fault.message
        [line] = [line for line in added.splitlines() if line.lstrip().startswith("- ")]
        assert path.read_text().splitlines()[fault.line - 1] == line
