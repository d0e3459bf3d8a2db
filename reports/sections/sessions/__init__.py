"""Every session with its counts."""
