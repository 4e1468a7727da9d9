#!/usr/bin/env python3
"""Moves a VM from one lab host to another with nothing but QEMU and its monitor, and prints the milliseconds it took.

bare_move.py start HOST FOLDER          boots the guest of FOLDER on HOST and waits for its prompt
bare_move.py move SOURCE TARGET FOLDER  from no process at the target until it runs there and the source's is gone
bare_move.py stop HOST

HOST is the number of the first process of the lab host as this machine sees it. FOLDER, inside the hosts, holds vmlinuz,
initrd.img and the files of TLS: ca-cert.pem, server-cert.pem, server-key.pem, client-cert.pem, client-key.pem. QEMU runs
in the host's namespaces and under its limits, with the options that matter for speed as Huddle's driver has them.
"""
import json
import os
import socket
import subprocess
import sys
import time

PORT = 49300
SOCKET = "/tmp/bench-qmp"


def join_groups(host):
    """Puts this process under the limits of the lab host."""
    with open(f"/proc/{host}/cgroup", encoding="ascii") as lines:
        for line in lines:
            _, controllers, path = line.strip().split(":", 2)
            root = "/sys/fs/cgroup/" + (controllers.removeprefix("name=") if controllers else "unified")
            if not os.path.isdir(root):
                root = "/sys/fs/cgroup"
            try:
                with open(f"{root}{path}/cgroup.procs", "w", encoding="ascii") as group:
                    group.write(str(os.getpid()))
            except OSError:
                pass


def launch(host, folder, *more):
    arguments = [
        "nsenter", "--target", host, "--mount", "--net", "--pid", "--ipc", "--uts", "qemu-system-x86_64",
        "-machine", "pc-q35-7.2", "-accel", "tcg,thread=multi,tb-size=64", "-cpu", "Nehalem", "-smp", "1", "-m", "256M",
        "-nodefaults", "-no-user-config", "-display", "none",
        "-kernel", f"{folder}/vmlinuz", "-initrd", f"{folder}/initrd.img", "-append", "console=ttyS0 quiet",
        "-chardev", f"file,id=console,path={folder}/log", "-serial", "chardev:console",
        "-netdev", "user,id=n", "-device", "virtio-net-pci,netdev=n", "-device", "virtio-rng-pci",
        "-qmp", f"unix:{SOCKET},server=on,wait=off", "-daemonize", *more]
    subprocess.run(arguments, check=True, preexec_fn=lambda: join_groups(host))


class Monitor:
    def __init__(self, host):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(f"/proc/{host}/root{SOCKET}")
        self.lines = self.socket.makefile("r")
        self.lines.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        self.socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
        while True:
            line = self.lines.readline()
            if not line:
                raise EOFError(command)
            answer = json.loads(line)
            if "error" in answer:
                sys.exit(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def quit(self):
        try:
            self.ask("quit")
            while self.lines.readline():
                pass
        except (EOFError, ConnectionError):
            pass


def start(host, folder):
    log = f"/proc/{host}/root{folder}/log"
    if os.path.exists(log):
        os.remove(log)
    launch(host, folder)
    while True:
        with open(log, encoding="utf-8", errors="replace") as console:
            if "Enter 'help'" in console.read():
                return
        time.sleep(0.05)


def move(source, target, folder):
    address = address_of(target)
    here = Monitor(source)
    began = time.monotonic()
    launch(target, folder, "-incoming", "defer")
    there = Monitor(target)
    for monitor, end in ((there, "server"), (here, "client")):
        monitor.ask("object-add", **{"qom-type": "tls-creds-x509", "id": "tls", "dir": folder, "endpoint": end,
                                     "verify-peer": True})
    there.ask("migrate-set-parameters", **{"tls-creds": "tls"})
    here.ask("migrate-set-parameters", **{"tls-creds": "tls", "tls-hostname": "bench.move", "max-bandwidth": 1 << 40})
    there.ask("migrate-incoming", uri=f"tcp:{address}:{PORT}")
    here.ask("migrate", uri=f"tcp:{address}:{PORT}")
    while (state := here.ask("query-migrate")["status"]) != "completed":
        if state in ("failed", "cancelled"):
            sys.exit(f"the move {state}")
        time.sleep(0.005)
    here.quit()
    while there.ask("query-status")["status"] != "running":
        time.sleep(0.005)
    print(round((time.monotonic() - began) * 1000))
    there.ask("migrate-set-parameters", **{"tls-creds": ""})
    there.ask("object-del", id="tls")


def address_of(host):
    listing = subprocess.run(["nsenter", "--target", host, "--net", "ip", "-4", "-o", "address", "show", "dev", "eth0"],
                             check=True, capture_output=True, text=True).stdout
    return listing.split()[3].split("/")[0]


def stop(host):
    Monitor(host).quit()


if __name__ == "__main__":
    commands = {"start": start, "move": move, "stop": stop}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
