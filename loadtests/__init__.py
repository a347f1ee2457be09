"""Load tests for locust, and users who keep DNS answers as real ones do. Imported only in locust's own process, since
locust replaces the sockets and threads of whatever imports it."""
