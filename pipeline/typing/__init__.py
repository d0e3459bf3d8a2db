"""Text to typed values: ids, numbers, money and instants."""
