"""The query language: filters, sorts and pages in the API's own form, checked.

One compiler for every resource: a resource is a table of fields, an operator is a row of a table.
"""
