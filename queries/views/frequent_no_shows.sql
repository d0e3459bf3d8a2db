-- Upper tail of the standard normal distribution, to 14 digits: Hart's rational function and, far out, a continued
-- fraction (West 2005, Wilmott Magazine, "Better approximations to cumulative normal functions").
create or replace macro normal_tail_above(z) as case
    when z > 37 then 0::double
    when z < 7.07106781186547 then exp(-z * z / 2)
        * ((((((3.52624965998911e-02 * z + 0.700383064443688) * z + 6.37396220353165) * z + 33.912866078383) * z
            + 112.079291497871) * z + 221.213596169931) * z + 220.206867912376)
        / (((((((8.83883476483184e-02 * z + 1.75566716318264) * z + 16.064177579207) * z + 86.7807322029461) * z
            + 296.564248779674) * z + 637.333633378831) * z + 793.826512519948) * z + 440.413735824752)
    else exp(-z * z / 2) / (z + 1 / (z + 2 / (z + 3 / (z + 4 / (z + 0.65))))) / 2.506628274631
end;

create or replace macro normal_tail(z) as
    case when z < 0 then 1 - normal_tail_above(-z::double) else normal_tail_above(z::double) end;

-- Score test of k of n against the rest of all_k of all_n: the difference of the two rates over its standard error,
-- with the variance of the rate over all. For 12 of 40 in a total of 30 of 200 the rest is 18 of 160, and
-- z = (0.3 - 0.1125) / sqrt(0.15 * 0.85 * (1/40 + 1/160)) = 2.97. Null if there is no rest, or all or none missed.
create or replace macro excess_score(k, n, all_k, all_n) as case when n > 0 and all_n > n and all_k > 0 and all_n > all_k
    then (k::double / n - (all_k - k)::double / (all_n - n))
        / sqrt(all_k::double / all_n * (1 - all_k::double / all_n) * (1 / n::double + 1 / (all_n - n)::double))
end;

create or replace view frequent_no_shows as
with
grouped as (
    {families}
),
scored as (
    select
        *,
        excess_score(
            missed_bookings, rated_bookings, sum(missed_bookings) over (partition by grouping),
            sum(rated_bookings) over (partition by grouping)
        ) as excess_score
    from grouped
),
tested as (
    select
        *,
        -- A group without a score is never flagged, but counts as a test. Equal p-values share the last of their
        -- places, so that equal groups are flagged together.
        coalesce(normal_tail(excess_score), 1) as p_value,
        rank() over (partition by grouping order by coalesce(normal_tail(excess_score), 1))
            + count(*) over (partition by grouping, coalesce(normal_tail(excess_score), 1)) - 1 as place,
        count(*) over (partition by grouping) as tests
    from scored
    where rated_bookings >= (select min_bookings from site)
),
-- Benjamini-Hochberg among the groups of one grouping: all are flagged up to the last p-value that is at most its
-- place's share of 5 %. Of 0.001, 0.03, 0.035 and 0.5 the shares are 0.0125, 0.025, 0.0375 and 0.05: the third passes,
-- and takes the second with it although that is above its own share.
bounded as (
    select *, max(p_value) filter (p_value <= 0.05 * place / tests) over (partition by grouping) as highest
    from tested
)
select * exclude (p_value, place, tests, highest), coalesce(p_value <= highest, false) as frequent
from bounded
order by frequent desc, excess_score desc nulls last, grouping, group_id;

comment on macro normal_tail_above is 'Upper tail of the standard normal distribution for z of 0 and more';
comment on macro normal_tail is 'Upper tail of the standard normal distribution';
comment on macro excess_score is 'Score test (z) of k of n against all the others together';
comment on view frequent_no_shows is
    'Services, series, locations and staff with enough rated bookings, and which of them lose more than the others';
