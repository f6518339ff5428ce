"""`python -m tests.golden` writes the file anew. Look at the difference before you commit it."""

from __future__ import annotations

from tests.golden.names import FILE, stored_names

FILE.write_text("\n".join(stored_names()) + "\n", encoding="utf-8")
print(f"{FILE}: {len(stored_names())} names")
