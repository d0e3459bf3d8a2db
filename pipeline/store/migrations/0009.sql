create table risk_model (
    trained_at timestamp not null,
    as_of timestamp not null,
    is_licensed boolean not null,
    card varchar not null
);
comment on table risk_model is 'The model of no-shows, one row if one was trained: it ranks bookings only if it is licensed';
comment on column risk_model.trained_at is 'when it was trained, UTC';
comment on column risk_model.as_of is 'the moment whose records it was trained on, UTC; views of an earlier moment do without it';
comment on column risk_model.is_licensed is 'whether it was better than the rates of groups on bookings that it had not seen';
comment on column risk_model.card is 'the model card as a JSON object: data, period, features, figures, limits';

create table risk_weight (
    feature varchar not null,
    level varchar not null,
    weight double not null
);
comment on table risk_weight is 'The weights of the model: log odds of a no-show, summed over the features of a booking';
comment on column risk_weight.feature is 'what is known of a booking before its session; intercept for every booking';
comment on column risk_weight.level is 'the level of the feature; empty for the intercept and for a feature that is a number';
comment on column risk_weight.weight is 'log odds that the level adds, or that the number adds for each unit';
