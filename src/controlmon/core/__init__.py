"""Floor 0: values and the arithmetic of evidence. No clock, no input or output."""
