"""Write the data of the forecasts into the site, whoever builds it."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

from ouroboros.forecasting.export import write_forecasts


def _write(app: Sphinx, failure: Exception | None) -> None:
    # The original had no log, no scores and none of the forecasts that came after it.
    if failure is None and app.builder.format == "html" and not app.config.ouroboros_original:
        write_forecasts(app.ouroboros.ledger, Path(app.outdir) / "data")


def setup(app: Sphinx) -> None:
    """Write the files once the pages are there."""
    app.connect("build-finished", _write)
