"""What `python app.py check` looks at, one file for each kind of thing that can be wrong."""
