"""Charts: arrays in, ``go.Figure`` out."""
