-- Score test of k of n against the rest of all_k of all_n: the difference of the two rates over its standard error, with
-- the variance of the rate over all and the design effects of both. For 12 of 40 in a total of 30 of 200 the rest is 18 of
-- 160, and without design effects z = (0.3 - 0.1125) / sqrt(0.15 * 0.85 * (1/40 + 1/160)) = 2.97. Null if there is no rest,
-- or all or none missed.
create or replace macro excess_score(k, n, effect, all_k, all_n, rest_effect) as case
    when n > 0 and all_n > n and all_k > 0 and all_n > all_k
        then (k::double / n - (all_k - k)::double / (all_n - n))
            / sqrt(all_k::double / all_n * (1 - all_k::double / all_n) * (effect / n + rest_effect / (all_n - n)))
end;

-- The correlation of two trials at which k / n has the variance p2 (1 - p2)(D / n + D2 / n2), with p2 and n2 of the rest:
-- 1 + (n - 1) r = D + n D2 / n2. At 1 the beta distribution would have no parameters.
create or replace macro correlation_of_trials(n, effect, rest_n, rest_effect) as
    case when n > 1 then least(0.999::double, (effect + n * rest_effect / rest_n - 1) / (n - 1)) else 0.999::double end;

create or replace view frequent_no_shows as
with
counted as (
    select * from counted_at(as_of_now())
),
grouped as (
    {families}
),
effects as (
    select *, design_effect(counts, clustering) as effect
    from grouped
    cross join (
        {clustering}
    )
),
groups as (
    select grouping, group_id, name, unnest(counts), unnest(no_show_rates_in(counts, effect)), clustering
    from effects
),
compared as (
    select
        *,
        sum(missed_bookings) over (partition by grouping)::bigint as all_k,
        sum(rated_bookings) over (partition by grouping)::bigint as all_n,
        all_k - missed_bookings as rest_k,
        all_n - rated_bookings as rest_n,
        missed_bookings - top_missed as k_without_top,
        rated_bookings - top_rated as n_without_top
    from groups
),
with_rest as (
    select
        *,
        rest_n > 0 and all_k > 0 and all_n > all_k as is_comparable,
        -- If the rest has no no-show, the rate over all takes the place of theirs.
        case when rest_k > 0 then rest_k / rest_n else all_k / all_n end as rest_rate,
        -- A contact of group and rest has (N - n)² among the rest, which is at most N² - n²: the difference of squares.
        design_effect_of(
            rest_n,
            clustering.contact_squares - contact_squares,
            clustering.session_squares - session_squares,
            clustering
        ) as rest_effect,
        -- Sessions lose the three contacts in proportion: their squares by booking stay as they were.
        greatest(
            1::double,
            1 + (clustering.contact * ((contact_squares - top_squares) / nullif(n_without_top, 0) - 1)
                + clustering.session * (session_squares / rated_bookings - 1))
        ) as effect_without_top
    from compared
),
with_correlations as (
    select
        *,
        excess_score(missed_bookings, rated_bookings, design_effect, all_k, all_n, rest_effect) as excess_score,
        correlation_of_trials(rated_bookings, design_effect, rest_n, rest_effect) as r,
        correlation_of_trials(n_without_top, effect_without_top, rest_n, rest_effect) as r_without_top
    from with_rest
),
-- One-sided mid-p tails. If the rate is not above that of the rest, it is 1, which no test rejects.
scored as (
    select
        *,
        case
            when not is_comparable then null
            when missed_bookings * rest_n <= rest_k * rated_bookings then 1::double
            else beta_binomial_tail(missed_bookings, rated_bookings, rest_rate, r)
        end as p_value,
        case
            when p_value is null or p_value > 0.05 or n_without_top <= 0 then null
            when k_without_top * rest_n <= rest_k * n_without_top then 1::double
            else beta_binomial_tail(k_without_top, n_without_top, rest_rate, r_without_top)
        end as p_value_without_top
    from with_correlations
),
tested as (
    select
        *,
        -- A group without a score is never flagged, but counts as a test. Equal p-values share the last of their
        -- places, so that equal groups are flagged together.
        rank() over (order by coalesce(p_value, 1)) + count(*) over (partition by coalesce(p_value, 1)) - 1 as place,
        count(*) over () as tests
    from scored
    where rated_bookings >= (select min_bookings from site)
),
-- Benjamini-Hochberg over the groups of all groupings together: all are flagged up to the last p-value that is at most
-- its place's share of 5 %. Of 0.001, 0.03, 0.035 and 0.5 the shares are 0.0125, 0.025, 0.0375 and 0.05: the third
-- passes, and takes the second with it although that is above its own share.
bounded as (
    select *, max(p_value) filter (p_value <= 0.05 * place / tests) over () as highest
    from tested
),
flagged as (
    select *, coalesce(p_value <= highest, false) as frequent
    from bounded
)
select
    * exclude (
        all_k, all_n, rest_k, rest_n, k_without_top, n_without_top, clustering, is_comparable, rest_rate, rest_effect,
        effect_without_top, r, r_without_top, place, tests, highest
    ),
    -- With another p-value in its place a flagged group is flagged up to the share of the last place, and no further.
    case when frequent
        then coalesce(p_value_without_top > 0.05 * (count(*) filter (frequent) over ()) / tests, true)
    end as few_people
from flagged
order by frequent desc, excess_score desc nulls last, grouping, group_id;

comment on macro excess_score is 'Score test (z) of k of n against all the others together, with design effects';
comment on macro correlation_of_trials is 'Correlation of the beta-binomial that a group is compared with its rest by';
comment on view frequent_no_shows is
    'Services, series, locations and staff with enough rated bookings, and which of them lose more than the others plainly; the report also compares like for like';
