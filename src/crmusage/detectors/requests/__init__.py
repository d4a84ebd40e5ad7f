"""Requests: who asks, what carries, who acts; decided is not fulfilled."""
