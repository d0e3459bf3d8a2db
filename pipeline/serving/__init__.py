"""The API's requests over HTTP go in; its answers, from a database of noshow, come out."""
