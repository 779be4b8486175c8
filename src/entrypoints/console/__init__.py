"""The operators' console: pages that the server renders, with nothing loaded from other hosts."""
