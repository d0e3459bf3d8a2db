"""Find the definition, filter, date basis or missing file that makes another system's number differ."""
