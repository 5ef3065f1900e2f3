-- How often a holder never gave it back (it died, or stalled past its lease) since something of it was last recorded, and
-- whether the last of them was doing nothing else when it did. See docs/decisions/0029.
alter table delivery_batches
  add column crashes smallint not null default 0,
  add column tried_alone boolean not null default false;

-- The same for fan-out: null when nobody is at it. One that was set aside is canceled too, so that nobody fans it out, and
-- stays for `fanfare redrive`.
alter table recipient_batches
  add column held_until timestamptz(3),
  add column crashes smallint not null default 0,
  add column tried_alone boolean not null default false,
  add column set_aside boolean not null default false;

-- Recipients that its account had sent to just before: how far back in the queues its batches begin. See docs/decisions/0031.
alter table operations add column ahead integer not null default 0;
