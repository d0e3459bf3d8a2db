-- Drop the staged rows that have a verdict already.
delete from staged_{entity}
where record in (select record from verdict where entity = '{entity}')
