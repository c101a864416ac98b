"""The example configuration, the catalog and the register templates, as files."""
