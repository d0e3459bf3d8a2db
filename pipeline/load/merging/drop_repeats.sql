-- Of staged rows that are the same to the last field, keep the first.
delete from staged_{entity}
where staged_row in (
    select staged_row
    from staged_{entity}
    qualify row_number() over (
        partition by
            {columns}
        order by record, staged_row
    ) > 1
)
