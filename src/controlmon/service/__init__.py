"""Floor 5: the whole flow on one page, the daemon, and the reading of checks, catalog and configuration."""
