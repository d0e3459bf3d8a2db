alter table site add column prices map(varchar, decimal(18,4)) default map {};
alter table site alter column prices set not null;
comment on column site.prices is 'price per participant by service name or id in lower case, for bookings without a price';

alter table site add column min_bookings bigint default 10;
alter table site alter column min_bookings set not null;
comment on column site.min_bookings is 'groups with fewer marked bookings are shown without a rate';
