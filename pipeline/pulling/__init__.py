"""Pull records from the API: fetch them, save them page by page, and load the pages like any other file."""
