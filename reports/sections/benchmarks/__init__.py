"""Own and published rates to hold the rate of a report against."""
