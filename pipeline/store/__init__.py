"""The files of a database: opening them for writing, publishing snapshots, noticing losses, repairing damage."""
