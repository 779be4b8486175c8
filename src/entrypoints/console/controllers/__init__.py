"""The routes, one subject each. They show and do what the API does, for people."""
