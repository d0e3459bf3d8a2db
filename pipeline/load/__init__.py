"""Load files into the work database: read, validate, settle repeated keys, merge, and quarantine bad records."""
