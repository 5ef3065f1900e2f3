-- What is due is asked for by provider: a sweep does not read past the batches of another one.
drop index delivery_batches_enqueue_at_idx;
create index delivery_batches_provider_enqueue_at_idx on delivery_batches (provider, enqueue_at);
