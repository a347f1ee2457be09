"""The only folder that talks to AWS: the engine's ports, with boto3."""
