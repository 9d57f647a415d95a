import json

import pytest

from ouroboros.publishing.search_index import fetch_on_demand, slim_index


def test_the_index_keeps_words_ids_and_years_and_loses_what_nobody_types():
    terms = {
        word: 0
        for word in ("gaussian", "i017", "2026", "gpt4", "0001", "1216836421105618944", "i014i015i016i017")
    }
    script = (
        f"Search.setIndex({json.dumps({'terms': terms, 'titleterms': {'gaussian': 0}, 'titles': ['Ä']})})"
    )
    slim = slim_index(script)
    index = json.loads(slim.strip().removeprefix("Search.setIndex(").removesuffix(")"))
    assert list(index["terms"]) == ["gaussian", "i017", "2026", "gpt4"]
    assert index["titleterms"] == {"gaussian": 0}
    assert index["titles"] == ["Ä"]
    assert len(slim) < len(script)


def test_an_index_of_another_form_is_refused():
    with pytest.raises(ValueError, match="another form"):
        slim_index("Search.set({})")


def test_the_search_page_asks_for_the_index_only_with_a_query():
    page = '<head><script src="a/searchindex.js?v=1" defer="defer"></script></head><body>x</body>'
    html = fetch_on_demand(page)
    assert "<script src=" not in html
    assert 'Search.loadIndex("a/searchindex.js");</script>\n</body>' in html
    assert fetch_on_demand("<body></body>") == "<body></body>"
