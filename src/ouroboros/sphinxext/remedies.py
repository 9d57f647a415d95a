"""What would be right, added to those warnings of Sphinx and its extensions that only say what is wrong."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection

from docutils.parsers.rst import directives, roles
from sphinx.application import Sphinx

from ouroboros.ledger.faults import did_you_mean


def _keys(app: Sphinx) -> Collection[str]:
    return app.env.get_domain("cite").bibdata.data.entries


def _labels(app: Sphinx) -> Collection[str]:
    return app.env.get_domain("std").anonlabels


def _terms(app: Sphinx) -> Collection[str]:
    return [name for kind, name in app.env.get_domain("std").objects if kind == "term"]


def _roles(app: Sphinx) -> Collection[str]:
    of_domains = (
        name if domain.name == "std" else f"{domain.name}:{name}"
        for domain in app.env.domains.values()
        for name in domain.roles
    )
    return {*roles._roles, *roles._role_registry, *of_domains}


def _directives(app: Sphinx) -> Collection[str]:
    of_domains = (
        name if domain.name == "std" else f"{domain.name}:{name}"
        for domain in app.env.domains.values()
        for name in domain.directives
    )
    return {*directives._directives, *directives._directive_registry, *of_domains}


#: A warning with the name that is wrong, the names that there are, and what to do if none of them is near.
REMEDIES: tuple[tuple[re.Pattern[str], Callable[[Sphinx], Collection[str]], str], ...] = (
    (
        re.compile(r'could not find bibtex key "(?P<name>[^"]+)"'),
        _keys,
        "add the work to references.bib, or correct the key",
    ),
    (
        re.compile(r"undefined label: '(?P<name>[^']+)'"),
        _labels,
        "write (name)= above the heading that is meant, or correct the name",
    ),
    (
        re.compile(r"term not in glossary: '(?P<name>[^']+)'"),
        _terms,
        "add it to the glossary, or take the role away",
    ),
    (
        re.compile(r'Unknown interpreted text role "(?P<name>[^"]+)"\.?'),
        _roles,
        "copy the role from a neighbouring page",
    ),
    (
        re.compile(r"Unknown directive type: '(?P<name>[^']+)'"),
        _directives,
        "copy the directive from a neighbouring page",
    ),
)


def with_remedy(app: Sphinx, message: str) -> str:
    """Return a warning with what would be right in brackets; unchanged if it is none of those above."""
    for pattern, known, otherwise in REMEDIES:
        match = pattern.search(message)
        if match:
            hint = did_you_mean(match["name"], known(app)) or f" ({otherwise})"
            return message[: match.end()].rstrip(".") + hint + message[match.end() :]
    return message


class _Remedies(logging.Filter):
    """Complete what goes to a handler; nothing is held back."""

    def __init__(self, app: Sphinx):
        super().__init__()
        self.app = app

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = with_remedy(self.app, record.getMessage()), ()
        return True


def setup(app: Sphinx) -> None:
    """Stand before Sphinx's own handlers of warnings."""
    for handler in logging.getLogger("sphinx").handlers:
        if handler.level == logging.WARNING:
            handler.filters.insert(0, _Remedies(app))
