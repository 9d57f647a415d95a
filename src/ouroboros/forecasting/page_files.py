"""A page for every forecast: a heading and a directive, committed so that a plain build of the book has them."""

import re
from pathlib import Path

from ouroboros.forecasting.export import PAGES
from ouroboros.ledger import Ledger
from ouroboros.ledger.fields import ID_PATTERNS
from ouroboros.ledger.forecasts import Forecast
from ouroboros.ledger.textfile import replace_text


def page_text(forecast: Forecast) -> str:
    """Source of the page of a forecast."""
    return f"# {forecast.id}. {forecast.title}\n\n```{{forecast-page}} {forecast.id}\n```\n"


def page_faults(root: Path, ledger: Ledger) -> list[str]:
    """Pages that are missing, say something else than the ledger or belong to no forecast; none without a book."""
    if not (root / PAGES).is_dir():
        return []
    wanted = {f"{PAGES}/{f.id}.md": page_text(f) for f in ledger.forecasts.values()}
    faults = []
    for name, text in wanted.items():
        path = root / name
        if not path.is_file():
            faults.append(f"{name}: is missing (ouroboros forecast pages)")
        elif path.read_text("utf-8") != text:
            faults.append(f"{name}:1: differs from the ledger (ouroboros forecast pages)")
    for path in sorted((root / PAGES).glob("*.md")):
        if ID_PATTERNS["forecast"].fullmatch(path.stem) and path.stem not in ledger.forecasts:
            faults.append(f"{PAGES}/{path.name}: belongs to no forecast of the ledger (remove it)")
    toc = (root / "_toc.yml").read_text("utf-8") if (root / "_toc.yml").is_file() else ""
    listed = set(re.findall(r"file: *(\S+)", toc))
    wanted_pages = (name.removesuffix(".md") for name in wanted)
    faults += [f"_toc.yml: lacks the page {page}" for page in wanted_pages if page not in listed]
    return faults


def write_pages(root: Path, ledger: Ledger) -> list[str]:
    """Write the pages that are missing or differ, and return their names."""
    written = []
    for forecast in ledger.forecasts.values():
        path = root / PAGES / f"{forecast.id}.md"
        text = page_text(forecast)
        if not path.is_file() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_text(path, text)
            written.append(f"{PAGES}/{forecast.id}.md")
    return written
