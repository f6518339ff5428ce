"""AWS for the demo world and the tests: moto, with the actions that it lacks, in a process of its own."""
