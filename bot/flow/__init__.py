"""The walk through an incident, a chapter per stage: commands and reactions."""
