"""What the ports of the inner layers are made of: stores, executors, clocks."""
