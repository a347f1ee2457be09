"""What runs outside of the engine: processes, HTTP requests, messages. One file each."""
