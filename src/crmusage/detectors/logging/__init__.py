"""Detectors of when and by whom things are written down: the eve of meetings, batches, somebody else's hand."""
