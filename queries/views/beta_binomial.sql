-- The upper tail of a beta-binomial distribution of n trials, mean p and correlation r of two trials: the chance of more
-- than k, and half that of k (the mid-p tail). Its terms are the logarithms of
-- C(n, j) B(j + a, n - j + b) / B(a, b) with a = p (1 - r) / r and b = (1 - p)(1 - r) / r.
create or replace macro log_beta(a, b) as lgamma(a) + lgamma(b) - lgamma(a + b);

create or replace macro log_beta_binomial(j, n, a, b) as
    lgamma(n + 1.0) - lgamma(j + 1.0) - lgamma(n - j + 1.0) + log_beta(j + a, n - j + b) - log_beta(a, b);

create or replace macro beta_binomial_tail_of(k, n, a, b, last) as least(1::double, list_sum(list_transform(
    range(k, last + 1),
    lambda j: exp(log_beta_binomial(j::double, n::double, a, b)) * case when j = k then 0.5::double else 1::double end
)));

-- Terms further out than 50 standard deviations change no digit: of 2 million bookings, 20,000 are summed up.
create or replace macro beta_binomial_tail(k, n, p, r) as beta_binomial_tail_of(
    k, n, p * (1 - r) / r, (1 - p) * (1 - r) / r,
    least(n, k + 100 + ceil(50 * sqrt(n * p * (1 - p) * (1 + (n - 1) * r)))::bigint)
);

comment on macro log_beta is 'Logarithm of the beta function';
comment on macro log_beta_binomial is 'Logarithm of a term of the beta-binomial distribution';
comment on macro beta_binomial_tail_of is 'beta_binomial_tail with the parameters of the beta distribution and the last term';
comment on macro beta_binomial_tail is 'Upper mid-p tail of the beta-binomial distribution at k of n, for a mean and a correlation';
