"""What docs/operators-guide.md shows, made for real: `python -m tests.guide DIRECTORY` writes it anew."""
