"""What Tocsin promises in numbers, measured: `python -m benchmarks`."""
