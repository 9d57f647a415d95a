"""The errors of publishing that a user is meant to read.

They stand apart from the laboratory's, because importing that takes longer than deciding that nothing changed.
"""


class BuildError(Exception):
    """A build that stopped; its text has one line per fault."""


class NotebookError(BuildError):
    """A notebook that did not run; its text has one line per fault."""
