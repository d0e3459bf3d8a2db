"""The lake: the fact as Parquet files by month, which DuckDB, Polars or Spark counts over, wherever they are.

`noshow export-lake` writes it. `engines.open_lake` opens it on an engine, `rates.lake_rates` gives the rows of
`no_show_rates`, `gathered.lake_gathered` what a report is made of.
"""
