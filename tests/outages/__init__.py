"""Real schedulers that die, freeze, stop or are cut off, with real movers and a real Redis."""
