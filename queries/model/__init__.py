"""The model: the vocabularies, columns, groupings and families of noshow, each written once.

Columns are those of every entity and of the fact. Everything else (pandera models, tables,
wire shapes, fields of the query language, columns of a lake, comments, choices of the command line) derives from here.
"""
