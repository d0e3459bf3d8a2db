-- Calendar events. At the API each has a type; here it is that of its service, or CLASS if the service is not known.
select
    s.*,
    coalesce(v.type, 'CLASS') as type,
    timezone(coalesce(s.time_zone, site.time_zone), timezone('UTC', s.starts_at)) as local_start,
    timezone(coalesce(s.time_zone, site.time_zone), timezone('UTC', coalesce(s.ends_at, s.starts_at))) as local_end
from session as s
left join service as v on v.id = s.service_id
cross join site
