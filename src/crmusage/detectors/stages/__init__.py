"""How opportunities go through their stages."""
