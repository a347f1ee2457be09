"""The Fallback port on S3 and Route 53."""
