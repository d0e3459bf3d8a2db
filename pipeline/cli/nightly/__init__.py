"""The work of a night, planned by the table `[nightly]` of the settings: load, check, report, and keep order."""
