"""Look at a file of an unknown system and write the mapping of it in words, with questions about the rest."""
