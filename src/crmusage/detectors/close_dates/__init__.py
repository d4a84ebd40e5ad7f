"""What becomes of the dates by which opportunities are expected to close."""
