"""The durable memory of the gateway: inbox, facts and outbox, in SQLite or PostgreSQL."""
