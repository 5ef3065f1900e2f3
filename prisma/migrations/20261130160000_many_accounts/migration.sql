-- Who, what and to what, of one account's audit log or of all of it: each in the order of the list.
create index audit_events_action_id_idx on audit_events (action, id);
create index audit_events_actor_id_idx on audit_events (actor, id);
create index audit_events_target_id_idx on audit_events (target, id);
create index audit_events_account_id_action_id_idx on audit_events (account_id, action, id);
create index audit_events_account_id_actor_id_idx on audit_events (account_id, actor, id);
create index audit_events_account_id_target_id_idx on audit_events (account_id, target, id);

-- Accounts are listed by their age; those of settings have ids that tell nothing of it.
create index accounts_created_at_id_idx on accounts (created_at, id);

-- A process that is started with a token of the past does not bring it back.
alter table accounts add column past_token_hashes bytea[] not null default '{}';
update accounts set past_token_hashes = array[previous_token_hash] where previous_token_hash is not null;
