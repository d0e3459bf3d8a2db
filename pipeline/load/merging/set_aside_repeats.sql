-- Set aside the records whose row repeats one that is in conflict. Of three lines for one booking, two have the same mark
-- and different numbers of seats, and the third another mark: the second line's mark was dropped as a repeat, but its
-- booking must not stay when the other two are set aside.
insert into set_aside
select distinct s.record, 'duplicate_conflict', ''
from shared_key as s
join (
    select {key}
    from shared_key
    where record in (select record from set_aside where rule = 'duplicate_conflict')
) as c using ({key})
where s.record not in (select record from set_aside)
