-- Of sessions or services described in several ways, drop the staged rows of all but the description that counts.
delete from staged_{entity} as s
using described_{entity} as t
where not t.is_taken
    and s.record in (select record from beside_{entity})
    and {is_same}
