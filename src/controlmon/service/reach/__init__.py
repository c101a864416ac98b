"""How each provider is reached: a file for each, with `targets(config, only, regions)`."""
