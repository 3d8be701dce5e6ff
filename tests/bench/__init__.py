"""The benchmark of the whole app: ``python -m tests.bench``."""
