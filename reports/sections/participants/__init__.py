"""Contacts with repeat no-shows."""
