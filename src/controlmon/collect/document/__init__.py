"""The registers that people keep, as a provider: files are read as an API is asked."""
