"""Export the fact as a lake: Parquet files by month, for engines beyond one machine."""
