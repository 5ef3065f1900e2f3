create type account_status as enum ('ACTIVE', 'SUSPENDED');
create type credential_type as enum ('FCM', 'APN', 'APN_SANDBOX');
create type address_policy as enum ('FIRST', 'ALL');

-- Secrets of accounts and keys are kept as SHA-256 only: they are random and long, so a slow hash would add nothing.
create table accounts (
  id uuid primary key,
  name text not null,
  status account_status not null default 'ACTIVE',
  token_hash bytea not null,
  previous_token_hash bytea,
  previous_token_until timestamptz(3),
  environment_token_hash bytea,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);

create table api_keys (
  id uuid primary key,
  account_id uuid not null references accounts,
  name text not null,
  scopes text[] not null,
  secret_hash bytea not null,
  created_at timestamptz(3) not null default now(),
  revoked_at timestamptz(3)
);
create index api_keys_account_id_id_idx on api_keys (account_id, id);

create table audit_events (
  id uuid primary key,
  account_id uuid,
  actor text not null,
  action text not null,
  target text not null,
  address text,
  created_at timestamptz(3) not null default now()
);
create index audit_events_account_id_id_idx on audit_events (account_id, id);

create table apps (
  id uuid primary key,
  account_id uuid not null references accounts,
  name text not null,
  is_default boolean not null,
  expects_receipts boolean not null default false,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create unique index apps_account_id_name_key on apps (account_id, name);
create unique index apps_one_default on apps (account_id) where is_default;

create table credentials (
  id uuid primary key,
  account_id uuid not null references accounts,
  app_id uuid not null references apps,
  type credential_type not null,
  is_default boolean not null,
  version integer not null default 1,
  -- An envelope: the content under a key of its own, that key under the master key. See docs/decisions/0008.
  sealed jsonb not null,
  from_environment boolean not null default false,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create index credentials_account_id_id_idx on credentials (account_id, id);
create unique index credentials_one_default on credentials (app_id, type) where is_default;

create table credential_checks (
  id uuid primary key,
  credential_id uuid not null references credentials on delete cascade,
  result jsonb,
  created_at timestamptz(3) not null default now()
);
create index credential_checks_credential_id_idx on credential_checks (credential_id);

create table users (
  id uuid primary key,
  account_id uuid not null references accounts,
  created_at timestamptz(3) not null default now()
);
create index users_account_id_id_idx on users (account_id, id);

create table device_registrations (
  id uuid primary key,
  account_id uuid not null,
  app_id uuid not null references apps,
  user_id uuid not null references users on delete cascade,
  provider provider not null,
  -- The first 128 bits of the token's SHA-256: tokens may be longer than an index entry.
  token_key uuid not null,
  token text not null,
  created_at timestamptz(3) not null default now(),
  registered_at timestamptz(3) not null default now()
);
create unique index device_registrations_address_key on device_registrations (app_id, provider, token_key);
create index device_registrations_account_id_id_idx on device_registrations (account_id, id);
create index device_registrations_user_id_id_idx on device_registrations (user_id, id);

create table invalid_tokens (
  id uuid primary key,
  account_id uuid not null,
  app_id uuid not null,
  credential_id uuid not null references credentials on delete cascade,
  credential_version integer not null,
  provider provider not null,
  token_key uuid not null,
  token text not null,
  code text not null,
  -- Whether it is dead whatever the credential: another key or topic would not help.
  final boolean not null,
  invalidated_at timestamptz(3) not null,
  recorded_at timestamptz(3) not null default now()
);
create unique index invalid_tokens_address_key on invalid_tokens (credential_id, token_key);
create index invalid_tokens_account_id_recorded_at_id_idx on invalid_tokens (account_id, recorded_at, id);
create index invalid_tokens_app_id_token_key_idx on invalid_tokens (app_id, token_key);

create table idempotency_keys (
  account_id uuid not null,
  key text not null,
  fingerprint bytea not null,
  operation_id uuid not null,
  created_at timestamptz(3) not null default now(),
  primary key (account_id, key)
);
create index idempotency_keys_created_at_idx on idempotency_keys (created_at);

alter table operations
  add column app_id uuid,
  add column fcm_credential_id uuid,
  add column apn_credential_id uuid,
  add column scheduled_for timestamptz(3),
  add column cancel_requested_at timestamptz(3),
  -- Whether it may go through the provider: known at the 202 unless it is sent to users.
  add column may_use_fcm boolean not null default true,
  add column may_use_apn boolean not null default true,
  -- Recipients left out because an earlier one has their address: how many, and the first of them.
  add column duplicates integer not null default 0,
  add column duplicate_samples jsonb;

-- One index for each filter of the lists; ids begin with their time, so they are the order and the time filters too.
create index operations_account_id_id_idx on operations (account_id, id);
create index operations_account_id_status_id_idx on operations (account_id, status, id);
create index operations_fcm_idx on operations (account_id, id) where may_use_fcm;
create index operations_apn_idx on operations (account_id, id) where may_use_apn;
create index operations_delivered_idx on operations (account_id, id) where delivered > 0;
create index operations_read_idx on operations (account_id, id) where read > 0;
create index operations_undelivered_idx on operations (account_id, id) where undelivered > 0;
create index operations_failed_idx on operations (account_id, id) where failed > 0;
create index operations_canceled_idx on operations (account_id, id) where canceled > 0;
create index operations_scheduled_for_idx on operations (scheduled_for) where status = 'SCHEDULED';
create index operations_canceling_idx on operations (cancel_requested_at)
  where cancel_requested_at is not null and completed_at is null;
create index operations_completed_at_idx on operations (completed_at) where completed_at is not null;

create table operation_tags (
  account_id uuid not null,
  -- key=value: neither can contain a "=".
  tag text not null,
  operation_id uuid not null,
  primary key (account_id, tag, operation_id)
);
create index operation_tags_operation_id_idx on operation_tags (operation_id);

alter table recipient_batches add column canceled boolean not null default false;
alter table delivery_batches
  add column canceled boolean not null default false,
  add column addressed boolean not null default false;

alter table notifications
  add column user_id uuid,
  add column policy address_policy,
  add column rendered jsonb;
-- A notification of several addresses has no token of its own.
alter table notifications alter column token drop not null, alter column provider drop not null;
create index notifications_token_idx on notifications (hashtextextended(token, 0), operation_id) where token is not null;
create index notifications_user_id_idx on notifications (user_id, operation_id) where user_id is not null;
create index notifications_errors_idx on notifications (operation_id, provider, error_code) where error_code is not null;

-- The addresses of recipients that have several, with what became of each.
create table notification_addresses (
  operation_id uuid not null,
  ordinal integer not null,
  position smallint not null,
  provider provider not null,
  status notification_status not null,
  attempts smallint not null default 0,
  next_attempt_at timestamptz(3),
  last_outcome attempt_outcome,
  token text not null,
  error_code text,
  error_detail text,
  primary key (operation_id, ordinal, position)
);
create index notification_addresses_token_idx on notification_addresses (hashtextextended(token, 0), operation_id);

alter table attempts
  -- Which of several addresses it went to; null: the notification's only one.
  add column position smallint,
  add column token text;
