"""What changed, told: on the terminal, as pages and JSON for every two editions, and by the command."""

import copy
import json

import pytest
from lxml import html

from ouroboros.cli import main
from ouroboros.publishing.change_pages import write_change_pages
from ouroboros.publishing.change_report import names_of, to_html, to_text
from ouroboros.publishing.changes import changes_between

OLD = {
    "schema": "ouroboros-state/1",
    "edition": "2026.11",
    "claims": {"I001": {"text": "A <b> & c", "audit": "confirmed", "confidence": 0.9, "mark": "not tested"}},
    "statements": {"K1": {"title": "t", "verdict": "untested", "scopes": []}},
    "experiments": {
        "a.b": {
            "title": "e",
            "valid": True,
            "estimates": {"x": {"value": -1.0, "low": -1.1, "high": 0.9, "unit": ""}},
        }
    },
    "forecasts": {
        "F1": {"title": "f", "origin": "original", "status": "open", "lenient": None, "probability": 0.2}
    },
    "sources": ["k1", "k2"],
    "pages": {"index.html": "00", "gone.html": "00"},
}


@pytest.fixture
def new():
    state = copy.deepcopy(OLD)
    state["edition"] = "2026.12"
    state["claims"]["I001"]["audit"] = "nuanced"
    state["statements"]["K1"]["verdict"] = "mixed"
    state["statements"]["K2"] = {"title": "another", "verdict": "untested", "scopes": []}
    state["experiments"]["a.b"]["estimates"]["x"] |= {"value": 2.0}
    state["forecasts"]["F1"] |= {"status": "resolved-no", "probability": 0.35}
    state["sources"] = ["k2", "k3"]
    state["pages"] = {"index.html": "01"}
    return state


def test_the_text_tells_every_kind_of_change_with_old_new_and_interval(new):
    text = to_text(changes_between(OLD, new))
    assert text.startswith("from 2026.11 to 2026.12\n  1 audit moved; 1 verdict of statements moved.")
    lines = {" ".join(line.split()) for line in text.splitlines()}
    assert {
        "I001 confirmed nuanced",
        "K1 untested mixed",
        "a.b:x −1 [−1.1, 0.9] 2 [−1.1, 0.9] outside the old interval",
        "F1 open resolved-no",
        "F1 0.2 0.35",
        "Statements added: 1",
        "Sources withdrawn: 1",
        "Pages changed: 1",
        "gone.html",
    } <= lines


def test_a_state_against_itself_says_that_nothing_changed():
    assert to_text(changes_between(OLD, OLD)).endswith("nothing changed")
    assert "Nothing changed" in to_html(changes_between(OLD, OLD), {}, {})


def test_the_page_escapes_titles_and_links_what_has_an_address(new):
    found = changes_between(OLD, new)
    body = html.fragment_fromstring(
        to_html(found, names_of(OLD, new), {"I001": "../id/I001.html", "a.b": "../id/a.b.html"}), "div"
    )
    assert body.xpath("//th[a[@href='../id/I001.html']]/span")[0].text == "A <b> & c"
    assert body.xpath("//a[@href='../id/a.b.html']")[0].text == "a.b:x"
    assert not body.xpath("//a[text()='F1']") and body.xpath("//th[text()='F1 ']")


def test_every_two_editions_have_a_page_and_the_same_as_json(tmp_path, new):
    (tmp_path / "id").mkdir()
    (tmp_path / "id/I001.html").write_text("x")
    (tmp_path / "index.html").write_text("x")
    now = {**copy.deepcopy(new), "edition": "2027.01.dev0"}
    assert write_change_pages(tmp_path, [OLD, new, now]) == 3
    names = {"2026.11_2026.12", "2026.11_current", "2026.12_current"}
    assert {p.stem for p in (tmp_path / "changes").glob("*.json")} == names
    index = html.fromstring((tmp_path / "changes/index.html").read_text())
    assert {a.get("href").removesuffix(".html") for a in index.xpath("//li/a")} == names
    page = html.fromstring((tmp_path / "changes/2026.11_2026.12.html").read_text())
    assert page.xpath("//a[@href='../index.html' and text()='index.html']")
    told = json.loads((tmp_path / "changes/2026.11_2026.12.json").read_text())
    assert told == json.loads(changes_between(OLD, new).to_json())
    assert "Nothing changed" in (tmp_path / "changes/2026.12_current.html").read_text()


def test_the_command_compares_the_original_with_the_checkout(root, capsys, ledger):
    assert main(["changes", "2026.02", "--root", str(root)]) == 0
    text = capsys.readouterr().out
    assert f"{len(ledger.claims)} claims audited for the first time" in text
    assert "compliance.lineage" in text
    assert main(["changes", "2026.02", "current", "--json", "--root", str(root)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["old"] == "2026.02" and len(told["changes"]) > len(ledger.claims)


def test_an_edition_that_is_not_there_is_named_with_those_that_are(root, capsys):
    assert main(["changes", "2025.01", "--root", str(root)]) == 2
    assert "2025.01: no such edition (there are: 2026.02, " in capsys.readouterr().err
    assert main(["changes", "--root", str(root), "2026.02", "2026.13"]) == 2
