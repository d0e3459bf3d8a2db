"""How many no-shows to expect of the next seven days, and the source of the chances."""
