"""Doubles of the providers: they speak the real protocol on loopback, to the unmodified SDK."""
