"""What a fleet is made of: counts, health checks, policies, warm pool, hooks, schedule, history."""
