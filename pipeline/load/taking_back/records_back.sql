-- The records that no later load brings, as they were in quarantine.
create or replace temp table records_back as
select unnest(
    from_json(
        h.content,
        '{
            "load_id": "bigint", "file": "varchar", "kind": "varchar", "record": "bigint", "line": "bigint",
            "index": "bigint", "rule": "varchar", "reason_code": "varchar", "pointer": "varchar", "message": "varchar",
            "also_broken": ["varchar"], "raw": "varchar", "raw_bytes": "bigint", "raw_sha256": "varchar",
            "quarantined_at": "timestamp", "entity": "varchar", "row_key": "varchar", "value": "varchar"
        }'
    )
)
from ended_record as e
join internal.replaced_row as h on h.rowid = e.place
where e.next is null
