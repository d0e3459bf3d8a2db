"""The lake: the fact as Parquet files by month, counted by DuckDB, Polars or Spark.

`noshow export-lake` writes it. `engines.open_lake` opens it on an engine, `rates.lake_rates` returns the rows of
`no_show_rates`, `gathered.lake_gathered` gathers the rows of a report.
"""
