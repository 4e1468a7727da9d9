"""Unpacks a layer as Podman does: entries one after the other, the times of directories, and then what is to be removed.

Source: containers/storage, pkg/archive, `Unpack`; Podman, pkg/checkpoint/crutils, `CRRemoveDeletedFiles`.
"""

import json
import os
import shutil
import stat
import sys
import tarfile


def is_directory(path):
    return stat.S_ISDIR(os.lstat(path).st_mode)


def remove(path):
    if not os.path.lexists(path):
        return
    if is_directory(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def make(entry, path, root):
    if entry.isdir():
        if not os.path.lexists(path):
            os.mkdir(path)
    elif entry.isreg():
        with open(path, "wb") as file:
            shutil.copyfileobj(archive.extractfile(entry), file)
    elif entry.islnk():
        os.link(os.path.join(root, entry.linkname), path)
    elif entry.issym():
        # As Go joins the two, one that begins at the root is no other.
        target = os.path.normpath(os.path.dirname(path) + "/" + entry.linkname)
        if not target.startswith(root):
            raise SystemExit(f"{entry.name} leads to {entry.linkname}")
        os.symlink(entry.linkname, path)
    else:
        raise SystemExit(f"{entry.name} is of type {entry.type}")
    os.lchown(path, entry.uid, entry.gid)
    for key, value in entry.pax_headers.items():
        if key.startswith("SCHILY.xattr."):
            os.setxattr(path, key[13:], os.fsencode(value), follow_symlinks=False)
    if not entry.issym():
        os.chmod(path, entry.mode)
    os.utime(path, (entry.mtime, entry.mtime), follow_symlinks=False)


root, deletions = sys.argv[1:]
archive = tarfile.open(fileobj=sys.stdin.buffer, mode="r|")
directories = []
for entry in archive:
    name = os.path.normpath(entry.name)
    path = os.path.join(root, name)
    if not os.path.lexists(os.path.dirname(path)):
        os.makedirs(os.path.dirname(path))
    if os.path.lexists(path):
        if is_directory(path) and name == ".":
            continue
        if not (is_directory(path) and entry.isdir()):
            remove(path)
    make(entry, path, root)
    if entry.isdir():
        directories.append((path, entry.mtime))
for path, time in directories:
    os.utime(path, (time, time))
for path in json.loads(deletions):
    remove(root + path)
