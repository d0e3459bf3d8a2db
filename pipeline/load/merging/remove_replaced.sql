-- Remove the rows that give way.
delete from {entity} as t
where t.rowid in (select met from replaced_{entity})
