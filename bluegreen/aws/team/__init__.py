"""What a team shares on AWS: one DynamoDB table for journals, leases and inboxes."""
