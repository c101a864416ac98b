"""What registers say: the files that people keep, row by row, as typed views. One file per family of registers."""
