-- A queue is bounded: what is due waits here, and enters it by lane. Batches of a release without lanes are in the middle one.
alter table recipient_batches add column lane smallint not null default 1;
alter table delivery_batches add column lane smallint not null default 1;
drop index recipient_batches_enqueue_at_idx;
create index recipient_batches_lane_enqueue_at_idx on recipient_batches (lane, enqueue_at);
drop index delivery_batches_provider_enqueue_at_idx;
create index delivery_batches_provider_lane_enqueue_at_idx on delivery_batches (provider, lane, enqueue_at);
