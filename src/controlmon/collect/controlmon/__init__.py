"""The agent itself, as a provider: its record, its settings and its journal are asked as an API is."""
