"""The Web API, a file per family of methods; `table` gathers them by name."""
