"""Floor 6: the command line, one file for each command, loaded when it is called."""
