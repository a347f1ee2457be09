CREATE TABLE customer (email text PRIMARY KEY, name text NOT NULL);
