"""What `make run` shows: example organisations with some weeks behind them. Only where DEMO is on."""
