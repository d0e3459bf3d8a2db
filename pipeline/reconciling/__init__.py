"""Read the list or the sums of another system, to be compared with the facts."""
