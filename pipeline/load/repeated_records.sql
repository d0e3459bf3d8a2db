-- Records whose rows, of whatever entity, are all the same as those of an earlier record of the file.
-- `rows` are the hashes of a record's rows in order, so that a register's line with ten bookings is compared whole.
create or replace temp table repeated_record as
select record
from (
    select record, row_number() over (partition by rows order by record) as place
    from (
        select record, list_sort(list(h)) as rows
        from (
            {rows}
        )
        group by record
    )
)
where place > 1
