"""Lists of whom to call before a session: who is chosen, who is held back, and the reports on the calls."""
