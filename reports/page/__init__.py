"""Everything that draws: words and numbers, charts, templates, styles, and the page put together from them."""
