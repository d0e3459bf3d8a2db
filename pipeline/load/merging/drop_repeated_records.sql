-- Drop the rows of records that repeat an earlier one whole.
delete from staged_{entity}
where record in (select record from repeated_record)
