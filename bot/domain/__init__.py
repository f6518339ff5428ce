"""What an incident is and what may happen in it: pure, standard library only."""
