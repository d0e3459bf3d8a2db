-- The rows of a table that lie in a row group with a block among `$blocks`: first and last row number.
-- A segment whose rows all have the same value needs no block: its number is -1.
select first, first + rows - 1
from (
    select *, (sum(rows) over (order by row_group_id) - rows)::bigint as first
    from (
        select
            row_group_id,
            max(start + count) as rows,
            bool_or(block_id >= 0 and list_contains($blocks, block_id) or list_has_any(additional_block_ids, $blocks)) as is_changed
        from pragma_storage_info($table)
        group by row_group_id
    )
)
where is_changed
order by first
