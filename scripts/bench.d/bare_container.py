#!/usr/bin/env python3
"""Moves a container from one lab host to another with nothing but Podman and a copy, and prints the milliseconds it took.

bare_container.py start HOST IMAGE ADDRESS COMMAND...  runs it on HOST, on the cluster's network
bare_container.py move SOURCE TARGET ADDRESS           checkpoint, copy, restore, remove: until it runs there and is gone here
bare_container.py stop HOST                            removes it
bare_container.py leave HOST                           and what the host has for it

HOST is the number of the first process of the lab host as this machine sees it. The container has a network namespace of
its own with ADDRESS, so that its connections can go along. The copy is one TCP stream without TLS.
"""
import ctypes
import os
import socket
import subprocess
import sys
import threading
import time

# Nothing is left beside the sources.
sys.dont_write_bytecode = True
import bare

NAME, SPACE, LINK, HARDWARE_ADDRESS = "by-hand", "bench", "benchlink0", "52:54:00:be:0c:02"
ARCHIVE = "/tmp/bench-checkpoint.tar"
PORT = 49302
# Source: linux/sched.h.
CLONE_NEWNET = 0x40000000


def prepare(host, address):
    """A namespace with the address, not yet on the bridge."""
    # A new one each time: CRIU leaves the one that it took a container from locked.
    forget_network(host)
    bare.inside(host, "ip", "netns", "add", SPACE)
    bare.inside(host, "ip", "link", "add", LINK, "type", "veth", "peer", "name", "eth0", "netns", SPACE, "address", HARDWARE_ADDRESS)
    for words in (f"address add {address}/16 dev eth0", "link set eth0 mtu 1450 up", "link set lo up"):
        bare.inside(host, "ip", "-n", SPACE, *words.split())
    bare.inside(host, "ip", "link", "set", LINK, "master", bare.BRIDGE)


def start(host, image, address, *command):
    stop(host)
    prepare(host, address)
    bare.inside(host, "ip", "link", "set", LINK, "up")
    bare.inside(host, "podman", "run", "--detach", "--name", NAME, "--network", f"ns:/run/netns/{SPACE}", image, *command,
                stdout=subprocess.DEVNULL)


def move(source, target, address):
    stop(target)
    began = time.monotonic()
    prepare(target, address)
    bare.inside(source, "podman", "container", "checkpoint", "--tcp-established", "--compress", "none", "--export", ARCHIVE, NAME,
                stdout=subprocess.DEVNULL)
    bare.inside(source, "ip", "link", "set", LINK, "down")
    copy(source, target)
    bare.inside(target, "podman", "container", "restore", "--tcp-established", "--import", ARCHIVE, stdout=subprocess.DEVNULL)
    # Not earlier: an address without its sockets answers what it is sent with resets.
    bare.inside(target, "ip", "link", "set", LINK, "up")
    announce(target, address)
    bare.inside(source, "podman", "rm", "--force", "--time", "0", NAME, stdout=subprocess.DEVNULL)
    print(round((time.monotonic() - began) * 1000))
    for host in (source, target):
        os.remove(f"/proc/{host}/root{ARCHIVE}")


def copy(source, target):
    """One stream between the hosts' own addresses."""
    door = in_network(target, f"/proc/{target}/ns/net", lambda: socket.create_server((bare.address_of(target), PORT)))

    def receive():
        connection, _ = door.accept()
        with open(f"/proc/{target}/root{ARCHIVE}", "wb") as file:
            while piece := connection.recv(1 << 20):
                file.write(piece)

    receiver = Carried(receive)
    out = in_network(source, f"/proc/{source}/ns/net", lambda: socket.create_connection(door.getsockname()))
    with open(f"/proc/{source}/root{ARCHIVE}", "rb") as file:
        out.sendfile(file)
    out.close()
    receiver.outcome()
    door.close()


def announce(host, address):
    """Says to the network where the address is now."""
    def send():
        door = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0x0806)
        door.bind(("eth0", 0x0806))
        here, number = bytes.fromhex(HARDWARE_ADDRESS.replace(":", "")), socket.inet_aton(address)
        # Source: RFC 826; a request for one's own address.
        door.send(b"\xff" * 6 + here + b"\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01" + here + number + bytes(6) + number)
        door.close()

    in_network(host, f"/proc/{host}/root/run/netns/{SPACE}", send)


def in_network(host, space, body):
    """Does something in another network namespace, which sockets made there keep."""
    def visit():
        with open(space, "rb") as file:
            # Python has it from 3.12 on.
            if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), space)
        return body()

    # A namespace belongs to a thread.
    return Carried(visit).outcome()


class Carried:
    """Work in a thread of its own, whose failure is that of whoever asks for the outcome."""

    def __init__(self, work):
        self.result, self.failure = None, None
        self.thread = threading.Thread(target=self.carry, args=(work,))
        self.thread.start()

    def carry(self, work):
        try:
            self.result = work()
        except BaseException as failure:
            self.failure = failure

    def outcome(self):
        self.thread.join()
        if self.failure:
            raise self.failure
        return self.result


def stop(host):
    bare.inside(host, "podman", "rm", "--force", "--time", "0", NAME, check=False, stdout=subprocess.DEVNULL)


def leave(host):
    stop(host)
    forget_network(host)


def forget_network(host):
    bare.inside(host, "ip", "link", "del", LINK, check=False, capture_output=True)
    bare.inside(host, "ip", "netns", "del", SPACE, check=False, capture_output=True)


if __name__ == "__main__":
    commands = {"start": start, "move": move, "stop": stop, "leave": leave}
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
