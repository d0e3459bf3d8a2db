-- Drop the staged rows that have a verdict already.
delete from staged_{entity}
where staged_row in (select staged_row from verdict where entity = '{entity}')
