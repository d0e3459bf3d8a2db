select part, session_number, unnest(counts)
from (
    select p.part, p.session_number, no_show_counts(p) as counts
    from facts as p
    where p.is_course and p.session_number is not null
    group by p.part, p.session_number
)
order by part, session_number
