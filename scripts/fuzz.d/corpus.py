#!/usr/bin/env python3
"""Between a kept corpus, one input in hexadecimal a line, and the directory of files that libFuzzer reads.

  corpus.py unpack FILE DIRECTORY
  corpus.py pack DIRECTORY FILE
"""
import hashlib
import pathlib
import sys


def unpack(kept: pathlib.Path, directory: pathlib.Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for line in kept.read_text().split():
        content = bytes.fromhex(line)
        (directory / hashlib.sha1(content).hexdigest()).write_bytes(content)


def pack(directory: pathlib.Path, kept: pathlib.Path) -> None:
    lines = {path.read_bytes().hex() for path in directory.iterdir()}
    kept.write_text("".join(line + "\n" for line in sorted(lines, key=lambda line: (len(line), line)) if line))


command, source, target = sys.argv[1:]
{"unpack": unpack, "pack": pack}[command](pathlib.Path(source), pathlib.Path(target))
