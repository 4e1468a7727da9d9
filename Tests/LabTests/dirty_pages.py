#!/usr/bin/env python3
"""Prints how many pages of files are not on their disk yet, or `unknown` where the kernel does not tell: dirty_pages.py FILE..."""
import ctypes
import errno
import os
import sys

# Source: Linux, include/uapi/linux/mman.h and asm-generic/unistd.h; since 6.5, of the same number on every processor.
CACHESTAT = 451


class Range(ctypes.Structure):
    _fields_ = [("offset", ctypes.c_uint64), ("length", ctypes.c_uint64)]


class Counts(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("cached", "dirty", "under_write", "evicted", "evicted_lately")]


def unwritten(path):
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    whole, counts = Range(0, 0), Counts()
    try:
        if ctypes.CDLL(None, use_errno=True).syscall(CACHESTAT, descriptor, ctypes.byref(whole), ctypes.byref(counts), 0):
            raise OSError(ctypes.get_errno(), "cachestat", path)
    finally:
        os.close(descriptor)
    return counts.dirty + counts.under_write


try:
    print(sum(map(unwritten, sys.argv[1:])))
except OSError as error:
    if error.errno != errno.ENOSYS:
        raise
    print("unknown")
