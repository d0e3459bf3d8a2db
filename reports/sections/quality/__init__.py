"""Where every row went, and how far to trust the figures."""
