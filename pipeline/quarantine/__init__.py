"""Records set aside: retry, export and discard them."""
