"""`python -m controlmon` is `controlmon`."""

from controlmon.cli.main import main

main()
