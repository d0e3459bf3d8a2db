"""Look at a file of an unknown system and write the mapping of it in words, with questions for what is not certain."""
