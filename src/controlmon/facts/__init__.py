"""Floor 1: raw JSON to typed, immutable views, one file per service."""
