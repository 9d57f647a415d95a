"""Ways back: to edit a page, and to report an error in it or in one claim, with the claim's id filled in.

They need to know where the sources live: ``ouroboros_repository`` in ``_config.yml``. Until somebody sets it, pages
offer none of them.
"""

from __future__ import annotations

from html import escape
from urllib.parse import quote, urlencode, urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

_ASKED = "What is wrong, and the source that shows it:\n\n"


def report_address(repository: str, about: str, edition: str, page: str) -> str:
    """Address of a form for a new issue, with what it is about filled in; empty without a repository.

    Parameters
    ----------
    repository : str
        Where the sources live, on a host whose issues begin at ``/issues/new`` (GitHub, Gitea, Forgejo).
    about : str
        Id of a claim, or title of a page.
    edition, page : str
        What the reader had before them.
    """
    if not repository:
        return ""
    body = f"About: {about}\nPage: {page}\nEdition: {edition}\n\n{_ASKED}"
    query = urlencode({"title": f"{about}: error", "body": body}, quote_via=quote)
    return f"{repository.rstrip('/')}/issues/new?{query}"


def edit_address(repository: str, branch: str, source: str) -> str:
    """Address of the editor of a page's source; empty without a repository."""
    return f"{repository.rstrip('/')}/edit/{quote(branch)}/{quote(source)}" if repository else ""


def _check(app: Sphinx, config: Config) -> None:
    given = config.ouroboros_repository
    parts = urlsplit(given)
    if given and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise ConfigError(
            f"_config.yml: ouroboros_repository: {given!r} is no web address (such as https://example.org/team/report)"
        )


def _add_tools(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    repository = app.config.ouroboros_repository
    if doctree is None or not repository or "body" not in context:
        return
    source = app.env.doc2path(page, base=False)
    edit = edit_address(repository, app.config.ouroboros_branch, str(source))
    report = report_address(repository, page, app.config.release, f"{page}.html")
    context["body"] += (
        f'<p class="page-tools"><a href="{escape(edit, quote=True)}">Edit this page</a> '
        f'<a href="{escape(report, quote=True)}">Report an error on this page</a></p>\n'
    )


def setup(app: Sphinx) -> None:
    """Register the settings and the hook."""
    app.add_config_value("ouroboros_repository", "", "env", [str])
    app.add_config_value("ouroboros_branch", "main", "html", [str])
    app.connect("config-inited", _check)
    app.connect("html-page-context", _add_tools)
