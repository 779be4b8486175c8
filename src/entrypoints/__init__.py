"""How the outside reaches the scheduler: HTTP, the command line, and the wiring behind them."""
