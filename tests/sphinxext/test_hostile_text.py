"""Hostile text in a claim, a work, a forecast or evidence is shown as text: nothing of it becomes an element."""

import html
import json
import re
import unicodedata
from html.parser import HTMLParser

import pytest
import yaml

from ouroboros.lab.digest import text_digest
from ouroboros.lab.paths import evidence_directory
from ouroboros.lab.store import CheckOutcome, CriterionOutcome, Evidence, Result, TableReference, save_result
from ouroboros.lab.study import _number
from ouroboros.ledger import load_ledger
from ouroboros.publishing.citables import Edition, citables
from ouroboros.publishing.cite_pages import write_cite_pages
from ouroboros.publishing.gate import faults_of
from ouroboros.publishing.policy import policy_faults, secure_site
from ouroboros.publishing.site_search import records_of
from ouroboros.stats.estimate import Estimate

PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></ScRiPt>",
    "<script\n>alert(1)</script\n>",
    "<<script>alert(1)//<</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src='x' onerror='alert(1)'>",
    "<img/src=x/onerror=alert(1)>",
    "<img src=x:x onerror=\u0061lert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><a href='javascript:alert(1)'>x</a></math>",
    "<body onload=alert(1)>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<embed src='javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>*{display:none}</style>",
    "</style><script>alert(1)</script>",
    "<base href='//evil.example/'>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<form action=//evil.example><input name=q></form>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea></textarea><script>alert(1)</script>",
    "<title></title><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "--><script>alert(1)</script><!--",
    "<![CDATA[<script>alert(1)</script>]]>",
    '"><script>alert(1)</script>',
    "'><script>alert(1)</script>",
    '" onmouseover="alert(1)" x="',
    "' onmouseover='alert(1)' x='",
    "` onmouseover=`alert(1)",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\u202e<script>alert(1)</script>\u202c",
    "\u2066\u202egnp.exe\u2069 <b>bold</b>",
    "<b>bold</b>\u200f\u200e&\u00a0\"quoted\" 'quoted'",
)


class _Elements(HTMLParser):
    """All elements that a browser would make, with their attributes, and the text that it would show."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.text.append(data)


def read(page: str) -> _Elements:
    parser = _Elements()
    parser.feed(page)
    parser.close()
    return parser


def dangerous(page: str) -> list[str]:
    """What in a page could run or ask another host, beyond what a harmless text gives."""
    found = read(page)
    bad = {"iframe", "object", "embed", "base", "template", "video", "source", "animate", "b"}
    elements = [tag for tag in found.tags if tag in bad]
    return elements + [
        f"{tag} {name}={value}"
        for tag, name, value in found.attributes
        if name.startswith("on")
        or (
            name in ("href", "src", "action", "xlink:href")
            and "javascript:" in value.lower().replace("\n", "")
        )
        or ("evil.example" in value and name in ("href", "src", "action", "data"))
    ]


def claims_with(texts) -> str:
    claims = [
        {
            "id": f"I{k:03}",
            "title": f"{k}: {text}",
            "dimension": 1,
            "kind": "quote",
            "text": text,
            "cited_as": {"name": text, "date": "2024"},
            "quantities": [{"name": text, "value": 1, "unit": text, "as_of": "2023"}],
            "sources": [{"key": "vendor2024", "locator": text}],
            "source_says": text,
            "source_note": text,
            "audit": {
                "verdict": "confirmed",
                "correction": text,
                "basis": "read",
                "confidence": 0.9,
                "checked_on": "2026-11-23",
            },
        }
        for k, text in enumerate(texts, 1)
    ]
    return yaml.safe_dump(
        {"dimensions": [{"number": 1, "title": "Industry"}], "claims": claims}, allow_unicode=True
    )


def forecast_with(texts, root) -> str:
    """The first forecast of the report with hostile words in every field that takes words."""
    written = yaml.safe_load((root / "ledger/forecasts.yml").read_text("utf-8"))
    sourced = ("evidence", "updates", "assessments", "links")
    forecast = {name: given for name, given in written["forecasts"][0].items() if name not in sourced}
    words = " ".join(texts)
    forecast |= {"title": words, "statement": words}
    forecast["resolution"] |= {"strict": words, "lenient": words, "counts": [words], "fine_print": words}
    for entry in forecast["probabilities"]:
        entry["why"] = words
    for entry in forecast["history"]:
        entry["sources"] = ["vendor2024"] if entry.get("sources") else []
    for term in written["meta"]["word_scale"]:
        term["source"] = "vendor2024"
    return yaml.safe_dump({"meta": written["meta"], "forecasts": [forecast]}, allow_unicode=True)


def work_with(texts) -> str:
    words = " ".join(
        text.replace("\\", "").replace("{", "").replace("}", "").replace("%", "") for text in texts
    )
    words = words.replace("#", r"\#").replace("&", r"\&").replace("$", r"\$").replace("_", r"\_")
    return (
        f"@misc{{vendor2024,\n author = {{{{A Vendor}}}},\n title = {{{words}}},\n year = {{2024}},\n"
        f" note = {{{words}}},\n url = {{https://example.org/report}},\n urldate = {{2026-11-23}}\n}}\n"
    )


@pytest.fixture(scope="module")
def hostile(make_shared_site, root):
    """A small book with hostile words wherever a record takes words."""
    pages = {
        "index": "# Cover\n\n{claim}`I001` {cite:p}`vendor2024`",
        "page": "# Page\n\n```{claim-table}\n```\n\n```{claim-cards} 1\n```",
        "forecast": "# Forecast\n\n```{forecast-page} F1\n```",
        "works": "# Works\n\n{cite:t}`vendor2024`\n\n```{bibliography}\n```",
    }

    ledger = {
        "claims": claims_with(PAYLOADS),
        "statements": "statements: []\n",
        "experiments": "experiments: []\n",
        "forecasts": forecast_with(PAYLOADS, root),
    }
    return make_shared_site(pages, ledger=ledger, bibliography=work_with(PAYLOADS))


MEASURED = "collapse.measured"
EVIDENCE_PAGE = "# Evidence\n\n" + "\n\n".join(
    [f"```{{evidence-{part}}} {MEASURED}\n```" for part in
     ("head", "criteria", "results", "limits", "verdicts", "rerun", "cite")]
    + [f"{{evidence}}`{MEASURED}:hostile-{k:02}`" for k in range(len(PAYLOADS))]
    + ["```{experiment-table}\n```"]
)  # fmt: skip


def experiment_with(texts) -> str:
    """An experiment with hostile words wherever its entry takes words; those that Markdown reads among them."""
    words = " ".join(text.replace("\\", "").replace("`", "").replace("\n", " ") for text in texts)
    criterion = {
        "id": "measured-holds", "statement": words, "bears_on": ["I001"], "if_met": "+", "if_not_met": "-",
        "test": "bound", "estimate": "hostile-00", "comparison": "at-most", "threshold": 2, "scope": f"toy: {words}",
        "fixed_on": "2026-11-23",
    }  # fmt: skip
    experiment = {
        "id": MEASURED, "protocol": "E01", "module": "ouroboros.experiments.collapse.gaussian_chain",
        "notebook": "measured.md", "title": words, "question": words, "claims": ["I001"], "statements": [],
        "method": "By doing.", "not_shown": [words], "seed": 1,
        "tiers": {"smoke": {"n": 10}, "publish": {"n": 100}}, "criteria": [criterion],
    }  # fmt: skip
    return yaml.safe_dump({"experiments": [experiment]}, allow_unicode=True)


def write_evidence_with(texts, root) -> None:
    """Accepted evidence with hostile words in every field that takes words, and in the record of its run."""
    estimates = tuple(
        Estimate(f"hostile-{k:02}", 1.0, 0.5, 1.5, 3, text, 0.95, text, text) for k, text in enumerate(texts)
    )
    judged = {"digest": "0" * 64, "estimates": ("hostile-00",), "observed": (1.0,), "threshold": 2.0}
    words = " ".join(texts)
    evidence = Evidence(
        experiment=MEASURED, tier="publish", seed=1, parameters={words: words}, code_digest=words,
        criteria_digest=words, table=TableReference(file=f"{MEASURED}.csv", sha256=text_digest("a\n1\n"), rows=1),
        estimates=estimates,
        checks=(CheckOutcome(id=words, field=words, comparison=words, passed=True, **judged),),
        criteria=(
            CriterionOutcome(
                id="measured-holds", field="value", comparison="at-most", met=True, direction="+", **judged
            ),
        ),
        valid=True, judged_anew=(words,),
    )  # fmt: skip
    run = {
        "date": "2026-11-23T00:00:00Z", "python": words, "jobs": {"total": words, "resumed": 0},
        "seconds": {"jobs": 1.0, "analysis": 1.0, "wall": 1.0},
    }  # fmt: skip
    folder = evidence_directory(root)
    folder.mkdir(parents=True, exist_ok=True)
    save_result(folder, Result(evidence, "a\n1\n", run))


@pytest.fixture(scope="module")
def measured(make_shared_site):
    """A book with a page of evidence, all of whose words are hostile."""
    return make_shared_site(
        {"measured": EVIDENCE_PAGE, "claims": "# Claims\n\n```{claim-cards} 1\n```"},
        ledger={
            "claims": claims_with(["A harmless text."]), "statements": "statements: []\n",
            "experiments": experiment_with(PAYLOADS),
        },
        before=lambda root: write_evidence_with(PAYLOADS, root),
    )  # fmt: skip


def test_hostile_evidence_is_shown_as_text(measured):
    page = measured.page("measured")
    assert dangerous(page) == []
    found = read(page)
    assert not set(found.tags) & {"img", "math", "textarea", "style"}
    assert page.count("alert(1)") > 100  # it is there, and not left out
    typed = re.compile(r"[\s\"'`\\\-\u2013\u2014\u2018\u2019\u201c\u201d]+")
    shown = typed.sub("", "".join(found.text))
    for payload in PAYLOADS:
        assert typed.sub("", payload) in shown, payload


def test_the_sentence_of_a_notebook_has_no_markup(measured):
    from markdown_it import MarkdownIt

    for payload in (*PAYLOADS, "[x](javascript:alert(1))", "![x](//evil.example/x.png)", "*a* `b`"):
        sentence = _number(Estimate("x", 1.0, 0.5, 1.5, 3, payload))
        drawn = MarkdownIt("commonmark").render(f"- `x`: {sentence}")
        assert dangerous(drawn) == [], payload
        assert set(read(drawn).tags) <= {"ul", "li", "code", "p"}, payload


def test_there_are_fifty():
    assert len(set(PAYLOADS)) == 50


@pytest.mark.parametrize("name", ["index", "page", "forecast", "works"])
def test_nothing_of_it_becomes_an_element(hostile, name):
    page = hostile.page(name)
    assert dangerous(page) == []
    found = read(page)
    # What the theme writes, and no more: its scripts have an address, ours hold data.
    assert not set(found.tags) & {"img", "math", "textarea"}
    assert page.count("alert(1)") > 40 or name == "index"
    scripts = [value for tag, attribute, value in found.attributes if tag == "script" and attribute == "src"]
    assert all(value.startswith("_static/") for value in scripts)


def test_every_claim_is_shown_as_it_was_written(hostile):
    # Sphinx sets typographic quotes and dashes; everything else stands as it was typed.
    typed = re.compile(r"[\s\"'`\-\u2013\u2014\u2018\u2019\u201c\u201d]+")
    shown = typed.sub("", "".join(read(hostile.page("page")).text))
    for payload in PAYLOADS:
        assert typed.sub("", payload) in shown, payload


def test_direction_signs_cannot_turn_what_follows(hostile):
    page = hostile.page("page")
    for line in page.splitlines():
        for text in read(line).text:
            opened = sum(unicodedata.bidirectional(sign) in ("RLO", "LRO", "RLE", "LRE") for sign in text)
            assert opened <= text.count("\u202c") + text.count("\u2069") + 1


def test_heads_hold_json_that_does_not_end_its_element(hostile):
    page = hostile.page("page")
    for start in range(len(page)):
        start = page.find('<script type="application/ld+json">', start)
        if start < 0:
            break
        text = page[start + 35 : page.index("</script>", start)]
        json.loads(text)
        page = page[start + 35 :]


def test_references_and_search_keep_it_text(hostile, tmp_path):
    ledger = load_ledger(hostile.root)
    write_cite_pages(list(citables(ledger)), Edition("2026.11", ""), tmp_path)
    secure_site(tmp_path)
    pages = sorted(tmp_path.rglob("*.html"))
    assert len(pages) >= len(PAYLOADS)
    for path in pages:
        assert dangerous(path.read_text("utf-8")) == [], path
    assert policy_faults(tmp_path) == []
    site = hostile.root / "out"
    for record in records_of(site / "page.html", "page.html"):
        assert dangerous(record.page()) == []
        assert "<script" not in record.page().lower()


def test_a_link_with_a_scheme_that_runs_code_fails_the_gate(tmp_path):
    (tmp_path / "a.html").write_text(
        '<html><head><title>x</title></head><body><a href="javascript:alert(1)">x</a></body></html>'
    )
    assert any("scheme that runs code" in fault for fault in faults_of(tmp_path))


def test_the_test_can_fail():
    assert dangerous("<p>" + html.escape("<img src=x onerror=alert(1)>") + "</p>") == []
    assert dangerous("<img src=x onerror=alert(1)>") != []
