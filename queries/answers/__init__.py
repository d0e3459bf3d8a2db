"""What can be asked of a connection: attendance, booked sessions, quarantined records, the sections of a report."""
