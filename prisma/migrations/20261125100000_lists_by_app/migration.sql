-- A list of one app's device registrations begins here: most of an account's may be another app's.
create index device_registrations_app_id_id_idx on device_registrations (app_id, id);
create index credentials_app_id_idx on credentials (app_id);
