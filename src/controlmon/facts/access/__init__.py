"""Floor 2, facts: who can do what in which system, in one form for all of them."""
