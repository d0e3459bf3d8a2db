"""The scope and the presentation of a report: options, periods and circumstances."""
