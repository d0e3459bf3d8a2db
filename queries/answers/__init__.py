"""Answer queries on a connection: booked sessions, quarantined records, the sections of a report, pages of a list."""
