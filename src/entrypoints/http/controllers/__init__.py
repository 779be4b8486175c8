"""The routes, one subject each. They translate between the wire and the use cases, and decide nothing."""
