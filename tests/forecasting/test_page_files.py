"""Every forecast has its page, and the page says what the ledger says."""

from ouroboros.forecasting.page_files import page_faults, page_text, write_pages


def test_the_book_has_a_page_for_each_forecast_and_no_other(root, ledger):
    assert page_faults(root, ledger) == []


def test_what_is_missing_or_differs_is_found_and_written(root, ledger, tmp_path):
    assert page_faults(tmp_path, ledger) == []  # no book, no pages
    names = write_pages(tmp_path, ledger)
    assert len(names) == len(ledger.forecasts)
    assert write_pages(tmp_path, ledger) == []
    (tmp_path / "_toc.yml").write_text(
        "".join(f"- file: {n.removesuffix('.md')}\n" for n in names if "N1." not in n)
    )
    (tmp_path / "book/forecasts/N3.md").write_text("# Another title\n")
    (tmp_path / "book/forecasts/N2.md").unlink()
    (tmp_path / "book/forecasts/F99.md").write_text("# Nothing\n")
    assert page_faults(tmp_path, ledger) == [
        "book/forecasts/N2.md: is missing (ouroboros forecast pages)",
        "book/forecasts/N3.md:1: differs from the ledger (ouroboros forecast pages)",
        "book/forecasts/F99.md: belongs to no forecast of the ledger (remove it)",
        "_toc.yml: lacks the page book/forecasts/N1",
    ]
    assert write_pages(tmp_path, ledger) == ["book/forecasts/N2.md", "book/forecasts/N3.md"]
    assert (tmp_path / "book/forecasts/N3.md").read_text() == page_text(ledger.forecasts["N3"])
