-- What a check of readiness writes to. Its rows are few and for ever: each write takes one of 64, so that the checks of a hundred
-- processes do not wait for each other's commits. Half of each page is left free, so that a write touches no index.
create table readiness_writes (
  slot smallint primary key,
  written_at timestamptz(3) not null
) with (fillfactor = 50);
