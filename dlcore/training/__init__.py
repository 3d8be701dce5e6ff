"""Training: the textbook loop, what it reports, and the session that keeps a run."""
