"""Erase a person from tables, quarantine, ledger, journal, saved pages and older snapshots."""
