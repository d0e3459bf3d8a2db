"""What the figures rest on: glossary, moment, filter and versions."""
