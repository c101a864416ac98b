"""What goes wrong because of what a person gave us, said so that the person can mend it."""


class ControlmonError(Exception):
    """A problem to be told to a person in one sentence, without a traceback.

    The message names the file or argument, the place in it, and the mend. `exit_code` is what the command line answers with.
    """

    exit_code = 2


class UsageError(ControlmonError):
    """An argument, an id or a selector that means nothing here."""


class ConfigError(ControlmonError):
    """A configuration, catalog or check file that cannot be used: its message starts with `FILE:LINE:`."""


class LedgerError(ControlmonError):
    """A ledger that cannot be opened, read, written or believed."""
