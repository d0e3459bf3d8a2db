"""The basis of the figures: glossary, moment, filter and versions."""
