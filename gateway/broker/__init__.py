"""Queues and what runs beside them: consumer, relay, sweeper; the only user of kombu."""
