-- What a batch is sent with is the batch's own. Of those that a worker of the previous release makes it is null: it is
-- found through their operation.
alter table delivery_batches add column credential_id uuid;
