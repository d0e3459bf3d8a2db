"""Forget a person: erase them from tables, quarantine, ledger, journal, saved pages and older snapshots."""
