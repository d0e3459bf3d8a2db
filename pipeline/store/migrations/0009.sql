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
comment on column risk_weight.feature is 'facts known of a booking before its session; intercept for every booking';
comment on column risk_weight.level is 'the level of the feature; empty for the intercept and for a feature that is a number';
comment on column risk_weight.weight is 'log odds that the level adds, or that the number adds for each unit';

create table call_list (
    booking_id uuid not null,
    session_id varchar not null,
    contact_id varchar not null,
    starts_at timestamp not null,
    arm varchar not null,
    hold_back double not null,
    seed bigint,
    ordering varchar not null,
    no_show_chance double,
    listed_at timestamp not null,
    reported_at timestamp,
    is_reached boolean
);
comment on table call_list is 'Bookings on lists of calls, each once: to be called, or held back so that the effect of calls is known';
comment on column call_list.booking_id is 'the booking';
comment on column call_list.session_id is 'the session of it that the call reminds of';
comment on column call_list.contact_id is 'who booked: all bookings of a contact are in one arm';
comment on column call_list.starts_at is 'start of the session when the booking was listed, UTC';
comment on column call_list.arm is 'call or held_back';
comment on column call_list.hold_back is 'the share held back when the arm of the contact was drawn; 0 if nothing was drawn';
comment on column call_list.seed is 'the seed that the arm was drawn with; null if nothing was drawn';
comment on column call_list.ordering is 'the order that the booking was chosen in: middle, risk or soonest';
comment on column call_list.no_show_chance is 'its chance of a no-show when it was listed';
comment on column call_list.listed_at is 'when it was listed first, UTC';
comment on column call_list.reported_at is 'when the call was last reported as done, UTC; null if it was not';
comment on column call_list.is_reached is 'whether somebody was reached, if that was reported';
