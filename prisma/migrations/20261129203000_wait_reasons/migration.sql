-- Why what was due of a batch could not be sent, as its last holder said; null: nothing is in its way. A worker of an older
-- release leaves them as they are.
alter table delivery_batches add column wait_code text, add column wait_detail text;
create index delivery_batches_waiting_idx on delivery_batches (id) where wait_code is not null;
