"""What a run leaves behind for other programs."""
