"""What the search knows of a page: its sentences, and not the labels of its drawings."""

import json
import re

from ouroboros.sphinxext.search_words import words_of

PAGE = """\
# Page

A gaussian chain.

```{raw} html
<svg viewBox="0 0 1 1"><title>Gaudy</title><text>31</text><text>FM6</text><text>F1</text></svg>
<p>First</p><p>second</p><script>var hidden = 1;</script>
```
"""


def test_a_tag_ends_a_word_and_a_drawing_has_none():
    assert words_of("<b>one</b><i>two</i><SVG a='b'>\n<text>x</text></SVG>three").split() == [
        "one",
        "two",
        "three",
    ]


def test_labels_of_a_drawing_are_not_searched(make_site):
    site = make_site({"page": PAGE})
    script = (site.root / "out/searchindex.js").read_text("utf-8")
    terms = json.loads(re.fullmatch(r"Search\.setIndex\((.*)\)\s*", script, re.DOTALL)[1])["terms"]
    assert {"gaussian", "chain", "first", "second"} <= terms.keys()
    assert not [word for word in terms if "fm6" in word or word in ("31", "gaudi", "hidden")]
