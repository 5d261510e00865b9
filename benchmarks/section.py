"""How does a benchmark put its figures into README.md? Between marks of its own name."""

import re
from pathlib import Path

from gazekit.model.files import write_bytes

__all__ = ["README", "write_section"]

README = Path(__file__).with_name("README.md")


def write_section(name: str, text: str, path: Path = README) -> None:
    """Replace what stands between the marks of `name`, or add it at the end."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    whole = path.read_text("utf-8") if path.exists() else "# Benchmarks\n"
    marked = f"{begin}\n{text}\n{end}"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if pattern.search(whole):
        whole = pattern.sub(lambda _: marked, whole)
    else:
        whole = f"{whole.rstrip()}\n\n{marked}\n"
    write_bytes(path, whole.encode())
