"""`bluegreen sync` on AWS: tables and streams of DynamoDB, metrics for CloudWatch, and all of it put together."""
