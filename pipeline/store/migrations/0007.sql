-- Views and macros are made again after this, with the column is_booked_twice; this one is no longer among them.
drop macro if exists one_session_counts_of;
