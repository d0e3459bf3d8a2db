-- Of staged rows that are the same to the last field, keep the first.
delete from staged_{entity}
where record in (
    select record
    from staged_{entity}
    qualify row_number() over (
        partition by
            {columns}
        order by record
    ) > 1
)
