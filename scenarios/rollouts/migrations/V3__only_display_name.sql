SET lock_timeout = '2s';
SET statement_timeout = '10min';
DROP TRIGGER both_names ON customer;
DROP FUNCTION both_names();
ALTER TABLE customer DROP COLUMN name;
