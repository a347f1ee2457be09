SET lock_timeout = '2s';
SET statement_timeout = '10min';
CREATE FUNCTION both_names() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.display_name := coalesce(NEW.display_name, NEW.name);
  NEW.name := coalesce(NEW.name, NEW.display_name);
  RETURN NEW;
END $$;
CREATE TRIGGER both_names BEFORE INSERT OR UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION both_names();
UPDATE customer SET display_name = name;
