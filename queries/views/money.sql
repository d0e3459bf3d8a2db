create or replace view money as
select * exclude (part)
from (
    {measured}
)
order by currency, list_position({money_figures}, figure);

comment on view money is
    'Money of bookings that were missed or cancelled late, by currency and figure, with its sources and gaps';
