create type provider as enum ('FCM', 'APN');
create type operation_status as enum ('SCHEDULED', 'PROCESSING', 'COMPLETED', 'CANCELED');
create type notification_status as enum
  ('SCHEDULED', 'QUEUED', 'SENT', 'DELIVERED', 'READ', 'UNDELIVERED', 'FAILED', 'CANCELED');
create type attempt_outcome as enum ('ACCEPTED', 'REJECTED', 'RETRY', 'UNKNOWN');
create type blame as enum ('token', 'request', 'credential');

create table operations (
  id uuid primary key,
  account_id uuid not null,
  status operation_status not null,
  message jsonb not null,
  tags jsonb not null,
  expires_at timestamptz(3) not null,
  total integer not null,
  recipients integer not null,
  attempts integer not null default 0,
  unaddressable integer not null default 0,
  scheduled integer not null default 0,
  queued integer not null default 0,
  sent integer not null default 0,
  delivered integer not null default 0,
  read integer not null default 0,
  undelivered integer not null default 0,
  failed integer not null default 0,
  canceled integer not null default 0,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  completed_at timestamptz(3),
  -- What the API promises at every poll, held by the database itself.
  constraint stats_add_up check (
    total = scheduled + queued + sent + delivered + read + undelivered + failed + canceled
    and recipients = total + unaddressable
  ),
  constraint stats_not_negative check (
    least(scheduled, queued, sent, delivered, read, undelivered, failed, canceled, unaddressable) >= 0
  )
) with (fillfactor = 70); -- room for HOT updates: the counters move once per micro-batch

create table recipient_batches (
  id uuid primary key,
  operation_id uuid not null,
  first_ordinal integer not null,
  recipients integer not null,
  content bytea not null,
  enqueue_at timestamptz(3) not null
);
-- Tokens are random: compressing them costs time and saves nothing.
alter table recipient_batches alter column content set storage external;
create unique index recipient_batches_operation_id_first_ordinal_key on recipient_batches (operation_id, first_ordinal);
create index recipient_batches_enqueue_at_idx on recipient_batches (enqueue_at);

create table delivery_batches (
  id uuid primary key,
  operation_id uuid not null,
  provider provider not null,
  first_ordinal integer not null,
  last_ordinal integer not null,
  recipients integer not null,
  lines bytea not null,
  open_lines integer not null,
  recorded_lines integer not null default 0,
  epoch integer not null default 0,
  leased_by text,
  visible_at timestamptz(3) not null,
  enqueue_at timestamptz(3) not null
);
alter table delivery_batches alter column lines set storage external;
create index delivery_batches_operation_id_first_ordinal_idx on delivery_batches (operation_id, first_ordinal);
create index delivery_batches_enqueue_at_idx on delivery_batches (enqueue_at);

-- Fixed-width columns first: no padding between them.
create table notifications (
  operation_id uuid not null,
  ordinal integer not null,
  provider provider not null,
  status notification_status not null,
  attempts integer not null,
  updated_at timestamptz(3) not null,
  next_attempt_at timestamptz(3),
  token text not null,
  error_code text,
  error_detail text,
  primary key (operation_id, ordinal)
);

create table attempts (
  operation_id uuid not null,
  ordinal integer not null,
  number smallint not null,
  may_repeat boolean not null,
  provider provider not null,
  outcome attempt_outcome not null,
  blame blame,
  latency_ms integer not null,
  http_status smallint,
  started_at timestamptz(3) not null,
  next_attempt_at timestamptz(3),
  provider_code text,
  provider_message_id text,
  detail text,
  primary key (operation_id, ordinal, number)
);
