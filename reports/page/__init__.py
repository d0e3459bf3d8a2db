"""The page put together from sections: charts, templates, styles, the brand."""
