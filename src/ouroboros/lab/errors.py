"""The one error of the laboratory that a user is meant to read."""


class LabError(Exception):
    """Something a user can put right; its text is one line (``where: what is wrong (what to do)``)."""


class EvidenceError(LabError):
    """Evidence on disk is damaged: files that do not belong together or are not what they should be."""
