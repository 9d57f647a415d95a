"""The certificate as the site shows it: recorded, not recorded, with a difference, unreadable."""

import json

from sphinx.errors import SphinxError

PAGE = {"page": "# Page\n\n```{reproducibility-certificate}\n```\n"}
CERTIFICATE = {
    "schema": "ouroboros-certificate/2",
    "date": "2026-11-25",
    "rotation": 1,
    "budget": 60.0,
    "seconds": 41.2,
    "python": "3.11.7",
    "processor": "A processor",
    "commit": "0123456789abcdef",
    "experiments": [
        {"experiment": "collapse.toy", "of": 40, "exact": True, "jobs": ["a", "b"], "fault": "", "why": ""}
    ],
}


def recorded(tmp_path, **changes):
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence/certificate.json").write_text(json.dumps(CERTIFICATE | changes))


def test_when_how_many_with_what_result(make_site, tmp_path):
    recorded(tmp_path)
    site = make_site(PAGE)
    page = site.page("page")
    assert (
        "On 2026-11-25, 2 jobs of 1 of 1 experiments were run again in 41 s (Python 3.11.7, A processor, "
        "commit 0123456789); every one came out as recorded." in page
    )
    assert "every bit" in page and "the same" in page and ">40<" in page
    assert "No job was run again" not in page
    assert not [line for line in site.warnings if "number" in line]


def test_a_difference_is_shown(make_site, tmp_path):
    sampled = CERTIFICATE["experiments"][0] | {"fault": "column 'x', row 1: 2 instead of 1", "exact": False}
    recorded(tmp_path, experiments=[sampled])
    page = make_site(PAGE).page("page")
    assert "; collapse.toy came out differently." in page
    assert "column ‘x’, row 1: 2 instead of 1" in page or "row 1: 2 instead of 1" in page
    assert "stated tolerance" in page


def test_an_experiment_that_took_no_part_is_listed(make_site, tmp_path):
    recorded(tmp_path, experiments=[])
    page = make_site(PAGE).page("page")
    assert "not reached" in page and "it was not in the ledger then" in page


def test_an_experiment_that_was_not_reached_says_why(make_site, tmp_path):
    why = "its shortest job takes about 98 s, longer than what was left"
    recorded(tmp_path, experiments=[CERTIFICATE["experiments"][0] | {"jobs": [], "why": why}])
    site = make_site(PAGE)
    page = site.page("page")
    assert "0 jobs of 0 of 1 experiments were run again" in page
    assert "No job was run again of collapse.toy; the table says why." in page
    assert "not reached" in page and why in page
    assert not [line for line in site.warnings if "number" in line]


def test_no_certificate_is_said(make_site):
    assert "No certificate has been recorded yet." in make_site(PAGE).page("page")


def test_an_unreadable_one_is_named_with_its_remedy(make_site, tmp_path):
    recorded(tmp_path, schema="other/1")
    try:
        said = "\n".join(make_site(PAGE).warnings)
    except SphinxError as error:
        said = str(error)
    assert "evidence/certificate.json: is no ouroboros-certificate/2 (ouroboros certify --record)" in said
