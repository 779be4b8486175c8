"""What holds for the Redis adapters alone; what holds for every store is in tests/stores."""
