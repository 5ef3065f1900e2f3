-- The call that holds a recipient batch: made again, since its answer may have been lost, it finds what it holds.
alter table recipient_batches add column held_by uuid;
