from ouroboros.publishing.accessible import name_parts


def test_the_sidebar_is_a_landmark_once():
    page = '<div id="pst-primary-sidebar" class="bd-sidebar">x</div>'
    named = name_parts(page)
    assert 'role="complementary" aria-label="Site" class="bd-sidebar"' in named
    assert name_parts(named) == named


def test_a_fold_is_named_after_the_page_it_belongs_to():
    page = '<a href="a.html">A &amp; <em>"b"</em></a><details open="open"><summary><svg></svg></summary>'
    named = name_parts(page)
    assert '<summary aria-label="Pages under A &amp; &quot;b&quot;"><svg>' in named
    assert name_parts('<a href="a.html">A</a><p>x</p><details><summary>More</summary>') == (
        '<a href="a.html">A</a><p>x</p><details><summary>More</summary>'
    )


def test_a_header_without_text_is_a_cell():
    assert name_parts('<th class="blank level0" >&nbsp;</th><th class="col0">n</th>') == (
        '<td class="blank level0" ></td><th class="col0">n</th>'
    )
    assert name_parts("<tr><th></th><th>n</th></tr>") == "<tr><td></td><th>n</th></tr>"
    assert (
        name_parts('<thead><tr><th id="a"> </th></tr></thead>') == '<thead><tr><td id="a"></td></tr></thead>'
    )


def test_an_entry_of_a_bibliography_is_an_item_of_its_list():
    entry = '<div class="citation" id="cite-a" role="doc-biblioentry"><span>x</span></div>'
    assert name_parts(entry) == '<div class="citation" id="cite-a" role="listitem"><span>x</span></div>'
