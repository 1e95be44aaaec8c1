"""Forms out and replies in: composing, sending and fetching mail."""
