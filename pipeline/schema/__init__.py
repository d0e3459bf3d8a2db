"""The rules a record is held to: their names and messages, and the pandera models made from the model's columns."""
