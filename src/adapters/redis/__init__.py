"""Redis adapters: ledgers, queue, blocks and watch under ``dms:scheduler:*``, beside the frontend's records."""
