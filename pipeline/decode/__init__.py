"""Decode raw records into flat rows of text by entity, with a fault for each record that is not the API's."""
