"""Valid and quarantined rows go in; the tables of the work database come out."""
