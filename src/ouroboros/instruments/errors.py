"""What instruments raise at a user's data."""


class InstrumentError(Exception):
    """A fault in the input: one line that names file, line, what is wrong and what would be right."""
