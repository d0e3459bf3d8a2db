"""Turn text into typed values: ids, numbers, money and instants."""
