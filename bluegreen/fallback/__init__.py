"""Where users go when neither slot can serve: a static page, to which Route 53 switches by itself."""
