"""Formats that noshow recognises by themselves: a TOML file each, a mapping with [format] and [recognise]."""
