-- How many of n bookings are missed: macros for the mean, the variance and the interval of such a sum.

-- The correlation of two bookings of one cluster, beyond the chance of each: over clusters with the sums us of the values that are
-- left of each outcome and vs of its deviations, and u2 and v2 of their squares, the mean of u_i u_j over that of v_i v_j.
-- Rounded, since the last digits depend on the order of the rows.
create or replace macro alike_of(us, vs, u2, v2) as
    round(least(0.9::double, greatest(0::double, sum(us * us - u2) / nullif(sum(vs * vs - v2), 0))), 12);

-- The correlation r of a beta-binomial of n bookings with that mean and variance: n p (1 - p)(1 + (n - 1) r). A binomial
-- takes the place of one that is narrower.
create or replace macro correlation_of_sum(n, mean, variance) as case when n > 1
    then least(0.9::double, greatest(1e-06::double, (variance / (mean * (1 - mean / n)) - 1) / (n - 1)))
    else 1e-06::double
end;

-- The numbers with their chances, the likeliest first; none further out than ten deviations. Of a wide range every so
-- many numbers stand for those beside them, so that there are at most 4,000: a step is a two-hundredth of a deviation.
create or replace macro likely_numbers_by(n, p, r, first, last, step) as list_sort(
    list_transform(
        range(first, last + 1, step),
        lambda j: struct_pack(
            chance := step * exp(log_beta_binomial(j::double, n::double, p * (1 - r) / r, (1 - p) * (1 - r) / r)),
            number := j
        )
    ),
    'desc'
);

create or replace macro likely_numbers(n, p, r, spread) as likely_numbers_by(
    n, p, r, greatest(0, floor(n * p - spread))::bigint, least(n, ceil(n * p + spread))::bigint,
    greatest(1, ceil(spread / 2000))::bigint
);

-- The lowest and the highest of the likeliest numbers that hold 95 %: the last one is in if more than half of it is needed.
-- For a mean of 1 the chances of 0, 1, 2 and 3 are 37, 37, 18 and 6 %: 0 to 2 hold 92 %, and 3 would be needed for half of
-- its 6 %. In one pass, since a sum for each number takes the square of the time.
create or replace macro numbers_within(likely) as list_reduce(
    list_transform(likely, lambda each: struct_pack(held := each.chance, low := each.number, high := each.number)),
    lambda within, each: case
        when within.held + each.held / 2 < 0.95 then struct_pack(
            held := within.held + each.held, low := least(within.low, each.low), high := greatest(within.high, each.high)
        )
        else struct_pack(held := within.held + each.held, low := within.low, high := within.high)
    end
);

comment on macro alike_of is 'Correlation of two bookings of one cluster beyond their own chances, between 0 and 0.9';
comment on macro correlation_of_sum is 'Correlation of the beta-binomial of n bookings that has a mean and a variance';
comment on macro likely_numbers is 'Numbers of a beta-binomial with their chances, the likeliest first';
comment on macro likely_numbers_by is 'likely_numbers with the first and last number and the step between them';
comment on macro numbers_within is 'The lowest and highest of the likeliest numbers that hold 95 %, of those of likely_numbers';
