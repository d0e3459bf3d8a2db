select kind, rule, min(message) as message, count(*) as rows
from quarantine
group by kind, rule
order by rows desc, kind, rule
