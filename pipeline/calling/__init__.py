"""Lists of whom to call before a session: who is chosen, who is held back, and what was reported of the calls."""
