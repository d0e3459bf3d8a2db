"""Whether the calls of the lists helped."""
