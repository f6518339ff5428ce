"""Names that are stored for ever, held by a file: a change of it has to be meant."""
