"""Detectors of workarounds: the patterns of the SWORD framework, unit by unit against peers."""
