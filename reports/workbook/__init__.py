"""A report as an Excel workbook: a sheet for each of its tables."""
