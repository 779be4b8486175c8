"""The HTTP API (Litestar): controllers, schemas, errors, the operator guard, documentation, and the server."""
