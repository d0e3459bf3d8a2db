"""Serve the API's calls over HTTP from a database of noshow."""
