"""What the company's own figures cannot show."""

from crmusage.detectors.aggregate._hidden_by_aggregate import HiddenByAggregate

__all__ = ["HiddenByAggregate"]
