"""The packed search index, unpacked by a browser."""

import json

import pytest

from ouroboros.publishing.search_index import slim_index

pytestmark = pytest.mark.site


def test_the_script_unpacks_itself(browser):
    written = {
        "terms": {"a": 3, "ab": [0, 89, 90, 91, 400], "abc": 2, "𝑥a": 0, "𝑥b": 1, "𝑥bc": [1, 2]},
        "titleterms": {"quoted": 180},
        "titles": ["A FULL INDEX", 'with "quotes"'],
    }
    script = slim_index(f"Search.setIndex({json.dumps(written)})")
    browser.get("about:blank")
    told = browser.execute_script(
        f"let told; const Search = {{setIndex: (index) => told = JSON.stringify(index)}};{script} return told;"
    )
    assert json.loads(told) == written
