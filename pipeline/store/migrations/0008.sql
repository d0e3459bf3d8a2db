-- The secret itself is in a file of its own; `opening.bring_up_to_date` writes its check and hashes erased contacts again.
alter table site add column secret_check varchar default '';
alter table site alter column secret_check set not null;
comment on column site.secret_check is 'recognises the secret of the database, and does not give it away';

comment on table erased_contact is 'Contacts that were erased, by slow keyed hash, so that a later export does not bring them back';
comment on column erased_contact.contact_hash is 'hash of the contact''s id, or of a booking id, e-mail or phone number of theirs: tag:scrypt';
