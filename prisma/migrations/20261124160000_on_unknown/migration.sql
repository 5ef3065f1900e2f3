-- What an app wants when it is not known whether a push was delivered: send it again, or let it fail.
create type on_unknown as enum ('RESEND', 'FAIL');
alter table apps add column on_unknown on_unknown not null default 'RESEND';

-- Whether some holder never gave it back: what of it has no record since then may have been sent.
alter table delivery_batches add column taken_over boolean not null default false;
