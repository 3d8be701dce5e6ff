"""Describe, train and look into small neural networks.  Knows nothing of the page that shows them."""
