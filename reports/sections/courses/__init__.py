"""How attendance of courses drops off, and who missed the majority."""
