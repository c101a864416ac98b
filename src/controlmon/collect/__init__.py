"""Floor 4: the only code that touches a provider. It asks, records how it asked, and says what it could not see. Read-only."""
