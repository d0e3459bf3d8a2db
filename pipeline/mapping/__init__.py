"""Read another system's columns through a TOML file of SQL expressions."""
