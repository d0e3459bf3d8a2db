"""Raw records go in; typed objects and flat rows of text by entity come out."""
