"""The command line, `dms-scheduler`: serve, run, demo, register, takeover."""
