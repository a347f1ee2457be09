SET lock_timeout = '1s';
SET statement_timeout = '5s';

CREATE INDEX by_name ON customer (name);
