"""Laws that hold for any message, shown on messages that hypothesis draws."""
