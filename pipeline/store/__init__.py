"""The files of a database: opening them for writing, publishing snapshots, journal, losses, renewal and doctor."""
