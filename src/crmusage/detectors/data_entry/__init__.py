"""What people type in: placeholders, defaults, facts in the wrong place, and work that is done elsewhere."""
