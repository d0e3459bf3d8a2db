"""Settings go in; what the API has is fetched, saved page by page, loaded like any other file, and summed up."""
