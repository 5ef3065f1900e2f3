-- Which form a stored text has. Who does not know it leaves the row to a newer release.
alter table operations add column message_version smallint not null default 1;
alter table recipient_batches add column content_version smallint not null default 1;
alter table delivery_batches add column lines_version smallint not null default 1;
