"""Floor 3: what is due, what it needs, what it finds, and what that means for a control. Pure: time and evidence are arguments."""
