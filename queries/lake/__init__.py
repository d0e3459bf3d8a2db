"""A lake, the fact as Parquet files by month, goes in; counts of no-shows come out, the same on every engine."""
