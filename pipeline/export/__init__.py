"""Write the documented views for other tools, with or without the names of contacts."""
