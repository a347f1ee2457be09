"""Real databases in which schema steps and statements are run: one file per kind. Drivers are imported only here."""
