"""Check files: read as bytes, digested, then executed. Never imported as a package."""
