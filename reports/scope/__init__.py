"""What a report covers and how it is presented: options, periods and circumstances."""
