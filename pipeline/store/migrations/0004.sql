alter table attendance add column event_sequence decimal(20, 0);
comment on column attendance.event_sequence is 'orders the events of the attendance, where one brought this version';

create table anonymize_request (
    id uuid not null,
    booking_id uuid,
    requested_at timestamp not null,
    load_id bigint not null
);
comment on table anonymize_request is 'Attendance whose person asked the source to be forgotten: the contact of its booking is erased';
comment on column anonymize_request.id is 'id of the attendance';
comment on column anonymize_request.booking_id is 'the booking, as soon as it is known';
comment on column anonymize_request.requested_at is 'when the source told it, UTC';
comment on column anonymize_request.load_id is 'the load that brought this version';

create table deleted_attendance (
    id uuid not null,
    deleted_at timestamp not null,
    event_sequence decimal(20, 0),
    load_id bigint not null
);
comment on table deleted_attendance is 'Attendance deleted at the source: an older export does not bring it back';
comment on column deleted_attendance.id is 'id of the attendance';
comment on column deleted_attendance.deleted_at is 'when it was gone at the source, UTC';
comment on column deleted_attendance.event_sequence is 'orders the events of the attendance';
comment on column deleted_attendance.load_id is 'the load that brought this version';
