"""The errors cxtext raises on purpose: one sentence each, written for the person who can fix it.

``CxtextError`` and everything below it ends a command with exit status 1 and one line on stderr that
says what is wrong, where (file, column, row) and what to do. Anything else that escapes is a bug and
ends with status 3.
"""


class CxtextError(Exception):
    """Something the user can put right; the message is one line and names the remedy."""


class InputError(CxtextError):
    """The data can't be used as asked: file, column or row is named, with what to do."""


class AmbiguousError(InputError):
    """More than one reading of the data is plausible; the message names the flag that settles it."""


class RequestError(CxtextError):
    """The options don't fit together, or ask for something that isn't there."""


class ModelError(CxtextError):
    """A model can't be found, is damaged, or was written by a format this version doesn't know."""


class OutputError(CxtextError):
    """The result can't be written: the folder isn't ours, the disk is full, the format is unknown."""
