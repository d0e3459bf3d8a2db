"""The sections of the report, one folder each: content, template and chart."""
