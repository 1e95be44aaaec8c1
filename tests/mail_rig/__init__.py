"""Real mail servers on loopback for the tests, and the faults that a wire and a server can show."""
