"""Write the fact as Parquet files by month, for engines beyond one machine."""
