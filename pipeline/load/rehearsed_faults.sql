select rule, coalesce(pointer, ''), count(*), coalesce(min(message), ''), min(line)
from quarantine
group by rule, pointer
order by 3 desc, 1, 2
