-- Stage the lines of `json_lines` that are proved to be one plain attendance each. `excess` is by how many bytes a line is
-- longer than the shortest JSON of the values that were read from it.
--   excess  of it
--   0                             staged
--   11      11 spaces             staged
--   17      "sessionId":null,     staged
--   6       "x":1,                not staged: an unknown field
insert into staged_attendance (
    staged_row,
    record,
    {columns}
)
-- Materialized, or a line would be read once for each condition on it.
with read as materialized (
    select
        place,
        record,
        line,
        -- Lines that are not JSON are left out before: `try` looks at each line of two thousand by itself if one of them
        -- fails. If all of a chunk look like objects it costs less to do without.
        try(json_transform(if($in_doubt and not json_valid(line), null, line), '{shape}')) as given
    from json_lines
),
measured as (
    select
        *,
        strlen(line) - ({shortest}) as excess
    from (
        select
            place,
            record,
            line,
            {fields}
        from read
    )
)
select
    $first_row + place,
    record,
    {values}
from measured
where {is_sure}
    and case
        when excess = 0 then true
        when excess < 0 or {holds_space} then false
        else excess = strlen(line) - strlen(replace(line, ' ', '')) + {nulls}
    end
