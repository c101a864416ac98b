"""What the agent knows of itself: its runs, its record, its exceptions."""
