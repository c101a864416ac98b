"""controlmon: a trust center's controls, tested on schedule, with evidence that an auditor need not trust us for."""

__version__ = "0.1.0"
