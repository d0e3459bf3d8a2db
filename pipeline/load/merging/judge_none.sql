-- No verdict, as none of the staged rows meets a stored one; see judge.sql.
create or replace temp table judged_{entity} (
    staged_row bigint,
    record bigint,
    met bigint,
    verdict varchar,
    is_own boolean
)
