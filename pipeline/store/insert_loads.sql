-- Add loads to the ledger, finished now.
insert into load_ledger by name
select
    * exclude (names, times, entities, numbers),
    map(names, times) as ignored_fields,
    map(entities, numbers) as distinct_keys,
    timezone('UTC', get_current_timestamp()) as finished_at,
    $version as noshow_version
from (
    select unnest(load)
    from (
        select unnest(
            $loads::struct(
                load_id bigint, file varchar, kind varchar, sha256 varchar, treatment varchar, bytes bigint,
                names varchar[], times bigint[], warnings varchar[], started_at timestamp, header varchar,
                mapping varchar, replaced bigint, entities varchar[], numbers bigint[], read bigint, loaded bigint,
                unchanged bigint, duplicate bigint, left_out bigint, stale bigint, quarantined bigint
            )[]
        ) as load
    )
)
