import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouroboros.publishing.search_index import pack, search_on_demand, slim_index


def unpack(packed: list[str]) -> dict[str, list[int]]:
    """What the script in the page does."""
    terms, word = {}, ""
    for rest, signs in zip(*(part.split(" ") for part in packed), strict=True):
        word = word[: int(rest[0], 36)] + rest[1:]
        page, found = -1, []
        for sign in signs:
            page += ord(sign) - 35 or 90
            found += [page] if sign != "#" else []
        terms[word] = found
    return terms


@given(
    st.dictionaries(
        st.text("abcde_é0𝑥", min_size=1, max_size=50),
        st.lists(st.integers(0, 1000), min_size=1, unique=True),
        min_size=1,
    )
)
def test_words_and_pages_survive_packing(terms):
    assert unpack(pack(terms)) == {word: sorted(pages) for word, pages in terms.items()}


def test_the_index_keeps_words_ids_and_years_and_loses_what_nobody_types():
    words = ("gaussian", "i017", "2026", "gpt4", "0001", "1216836421105618944", "i014i015i016i017")
    written = {"terms": dict.fromkeys(words, 0), "titleterms": {"gaussian": [0, 300]}, "titles": ["Ä"]}
    script = slim_index(f"Search.setIndex({json.dumps(written)})")
    index = json.loads(script[script.index("})(") + 3 : script.rindex("));")])
    assert set(unpack(index["terms"])) == {"gaussian", "i017", "2026", "gpt4"}
    assert unpack(index["titleterms"]) == {"gaussian": [0, 300]}
    assert index["titles"] == ["Ä"]


def test_an_index_of_another_form_is_refused():
    with pytest.raises(ValueError, match="another form"):
        slim_index("Search.set({})")


def test_the_search_page_loads_one_script_that_decides_where_to_search():
    page = (
        '<head><script src="_static/searchtools.js"></script><script src="_static/language_data.js"></script>'
        '<script src="a/searchindex.js?v=1" defer="defer"></script></head><body>x</body>'
    )
    html = search_on_demand(page)
    assert html == '<head></head><body>x<script src="_static/site-search.js"></script>\n</body>'
    assert search_on_demand("<body></body>") == "<body></body>"
