"""The no-show rate in at most 40 words."""
