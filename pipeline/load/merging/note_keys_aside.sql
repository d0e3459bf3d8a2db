-- Note the key of records that are being set aside, while their rows are still staged.
insert into key_aside
select
    record,
    '{entity}',
    {row_key}
from staged_{entity}
where record in (select record from set_aside)
