"""What all simulated systems share: one clock, one traffic log, one set of faults."""
