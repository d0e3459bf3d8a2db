"""The query language: read and check filters, sorts and pages in the API's own form.

One reader serves every resource: a resource is a table of fields, an operator is a row of a table.
"""
