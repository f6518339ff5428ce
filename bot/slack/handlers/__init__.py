"""One file per thing a responder does: its subcommand, its buttons, its form."""
