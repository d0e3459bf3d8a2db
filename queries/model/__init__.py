"""The model: what noshow knows of a business, each fact written once.

Vocabularies, columns of every entity and of the fact, groupings and families. Everything else (pandera models, tables,
wire shapes, fields of the query language, columns of a lake, comments, choices of the command line) derives from here.
"""
