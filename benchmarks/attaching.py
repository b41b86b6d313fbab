"""What a file of 25 MB that is attached to a case takes of a process's memory, above what a small one takes."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator

MB = 1024 * 1024
SIZE = 24 * MB
# What the product allows itself.
MB_ABOVE_A_SMALL_FILE = 60


def _recording() -> Iterator[str]:
    headers = [{"name": f"x-{number}", "value": "v" * 40} for number in range(20)]
    entry = json.dumps({"request": {"url": "https://a.example/?token=a", "headers": headers}, "text": "x=1 " * 2000})
    yield '{"log": {"entries": [' + entry
    yield from (f",{entry}" for _ in range(SIZE // len(entry)))
    yield "]}}"


def _one_text(content: str) -> Iterator[str]:
    yield '{"log": {"entries": [{"value": "'
    yield from (content * 1000 for _ in range(SIZE // len(content) // 1000))
    yield '"}]}}'


def _held() -> Iterator[str]:
    yield '{"log": {"entries": [{"value": ["a"'
    yield from (',"token=abcdefgh"' * 1000 for _ in range(SIZE // 17_000))
    yield '], "name": "x"}]}}'


KINDS: dict[str, Callable[[], Iterator[str]]] = {
    "a recording": _recording,
    "one text without end": lambda: _one_text("a"),
    "one text of escapes": lambda: _one_text('\\"'),
    "a list that waits for its name": _held,
    "plain text": lambda: ("a line of a log\n" * 1000 for _ in range(SIZE // 16_000)),
}


def run() -> None:
    """Attach each kind of file in a process of its own, and print its peak above that of a small file."""
    print(f"\nAttaching: MB of memory above a small file, {SIZE // MB} MB each (allowed {MB_ABOVE_A_SMALL_FILE})")
    for kind in KINDS:
        above = subprocess.check_output([sys.executable, "-m", "benchmarks.attaching", kind], text=True)
        print(f"  {kind:32} {float(above):6.1f}")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _measure(kind: str) -> float:
    import django  # noqa: PLC0415  this part runs in a process of its own

    django.setup()
    from django.core.files.uploadedfile import UploadedFile  # noqa: PLC0415

    from support.attachments import check  # noqa: PLC0415

    def attach(pieces: Iterator[str]) -> None:
        with tempfile.TemporaryFile() as file:
            for piece in pieces:
                file.write(piece.encode())
            size = file.tell()
            file.seek(0)
            [checked] = check([UploadedFile(file, "a.txt", "text/plain", size)])
            for _chunk in checked.chunks():
                pass
            checked.content.close()

    attach(iter(['{"log": {"entries": []}}']))
    before = _peak()
    attach(KINDS[kind]())
    return _peak() - before


if __name__ == "__main__":
    print(_measure(sys.argv[1]))
