"""Turn a mapping's fields in words, such as `{column = "Date", format = "day first"}`, into SQL expressions."""
