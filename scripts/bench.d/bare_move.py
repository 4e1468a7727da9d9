#!/usr/bin/env python3
"""Moves a VM from one lab host to another with nothing but QEMU and its monitor, and prints the milliseconds it took.

bare_move.py start HOST MACHINE          boots the guest on HOST and waits for its prompt
bare_move.py move SOURCE TARGET MACHINE  from no process at the target until it runs there and the source's is gone
bare_move.py leave HOST                  ends it, and removes what the host has for it

HOST is the number of the first process of the lab host as this machine sees it. MACHINE is JSON: `folder`, which inside
the hosts holds vmlinuz, initrd.img and the files of TLS (ca-cert.pem, server-cert.pem, server-key.pem, client-cert.pem,
client-key.pem); `memory` in MiB; `append`, further words for the kernel; `bandwidth` in bytes a second, 0 for all there
is; `downtime` in milliseconds; `disk` in MiB, 0 for none; `streams` for its memory; `cpu`, what is reserved and the most, in thousandths
of a core. QEMU runs in the host's namespaces and on its bridge, in a control group beside those of VMs, with the options that matter for
speed, and the capabilities, as Huddle's driver has them.
"""
import json
import os
import socket
import sys
import time

# Nothing is left beside the sources.
sys.dont_write_bytecode = True
import bare

PORT, DISK_PORT = 49300, 49301
SOCKET = "/tmp/bench-qmp"
TAP, HARDWARE_ADDRESS = "benchtap0", "52:54:00:be:0c:01"
CAPABILITIES = ["pause-before-switchover", "auto-converge", "events"]


def launch(host, machine, *more):
    folder = machine["folder"]
    if not bare.has_device(host, TAP):
        bare.inside(host, "ip", "tuntap", "add", TAP, "mode", "tap")
    bare.inside(host, "ip", "link", "set", TAP, "master", bare.BRIDGE, "up")
    disk = []
    if machine["disk"]:
        image = f"{folder}/disk.qcow2"
        bare.inside(host, "rm", "-f", image)
        bare.inside(host, "qemu-img", "create", "-q", "-f", "qcow2", image, f"{machine['disk']}M")
        disk = ["-blockdev", f"qcow2,node-name=disk0,discard=unmap,file.driver=file,file.filename={image}",
                "-device", "virtio-blk-pci,drive=disk0" + (",share-rw=on" if more else "")]
    bare.inside(
        host, "qemu-system-x86_64",
        "-machine", "pc-q35-7.2", "-accel", "tcg,thread=multi,tb-size=64", "-cpu", "Nehalem", "-smp", "1",
        "-m", f"{machine['memory']}M", "-nodefaults", "-no-user-config", "-display", "none",
        "-kernel", f"{folder}/vmlinuz", "-initrd", f"{folder}/initrd.img",
        "-append", f"console=ttyS0 quiet {machine['append']}",
        "-chardev", f"file,id=console,path={folder}/log", "-serial", "chardev:console", *disk,
        "-netdev", f"tap,id=n,ifname={TAP},script=no,downscript=no",
        "-device", f"virtio-net-pci,netdev=n,mac={HARDWARE_ADDRESS}", "-device", "virtio-rng-pci",
        "-qmp", f"unix:{SOCKET},server=on,wait=off", "-daemonize", *more, cpu=machine["cpu"])


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


def start(host, machine):
    log = f"/proc/{host}/root{machine['folder']}/log"
    if os.path.exists(log):
        os.remove(log)
    launch(host, machine)
    monitor = Monitor(host)
    while True:
        with open(log, encoding="utf-8", errors="replace") as console:
            if "Enter 'help'" in console.read():
                return
        # Fails when QEMU has ended.
        monitor.ask("query-status")
        time.sleep(0.05)


def move(source, target, machine):
    address = bare.address_of(target)
    here = Monitor(source)
    began = time.monotonic()
    launch(target, machine, "-incoming", "defer")
    there = Monitor(target)
    for monitor, end in ((there, "server"), (here, "client")):
        monitor.ask("object-add", **{"qom-type": "tls-creds-x509", "id": "tls", "dir": machine["folder"], "endpoint": end,
                                     "verify-peer": True})
        monitor.ask("migrate-set-capabilities", capabilities=[{"capability": name, "state": True} for name in CAPABILITIES])
        if machine.get("streams", 1) > 1:
            monitor.ask("migrate-set-capabilities", capabilities=[{"capability": "multifd", "state": True}])
            monitor.ask("migrate-set-parameters", **{"multifd-channels": machine["streams"]})
    there.ask("migrate-set-parameters", **{"tls-creds": "tls"})
    here.ask("migrate-set-parameters", **{"tls-creds": "tls", "tls-hostname": "bench.move",
                                          "max-bandwidth": machine["bandwidth"] or 1 << 40,
                                          "downtime-limit": machine["downtime"]})
    there.ask("migrate-incoming", uri=f"tcp:{address}:{PORT}")
    if machine["disk"]:
        mirror(here, there, address, machine)
    here.ask("migrate", uri=f"tcp:{address}:{PORT}")
    while (state := here.ask("query-migrate")["status"]) != "completed":
        if state in ("failed", "cancelled"):
            sys.exit(f"the move {state}")
        if state == "pre-switchover":
            if machine["disk"]:
                finish_mirror(here)
            here.ask("migrate-continue", state="pre-switchover")
        time.sleep(0.005)
    here.quit()
    while there.ask("query-status")["status"] != "running":
        time.sleep(0.005)
    print(round((time.monotonic() - began) * 1000))
    there.ask("migrate-set-parameters", **{"tls-creds": ""})
    if machine["disk"]:
        there.ask("nbd-server-stop")
    there.ask("object-del", id="tls")


def mirror(here, there, address, machine):
    """Copies the disk until both ends are equal."""
    there.ask("nbd-server-start", addr={"type": "inet", "data": {"host": address, "port": str(DISK_PORT)}}, **{"tls-creds": "tls"})
    there.ask("block-export-add", id="disk0", type="nbd", writable=True, **{"node-name": "disk0"})
    here.ask("blockdev-add", driver="nbd", export="disk0", server={"type": "inet", "host": address, "port": str(DISK_PORT)},
             **{"node-name": "copy", "tls-creds": "tls", "tls-hostname": "bench.move"})
    here.ask("blockdev-mirror", device="disk0", target="copy", sync="top", speed=machine["bandwidth"],
             **{"job-id": "copy", "copy-mode": "write-blocking", "auto-dismiss": False})
    while not any(job["ready"] for job in here.ask("query-block-jobs")):
        time.sleep(0.005)


def finish_mirror(here):
    here.ask("block-job-cancel", device="copy", force=False)
    while any(job["status"] != "concluded" for job in here.ask("query-jobs")):
        time.sleep(0.005)


def leave(host):
    try:
        Monitor(host).quit()
    except (FileNotFoundError, ConnectionRefusedError):
        # None runs there.
        pass
    bare.inside(host, "ip", "link", "del", TAP, check=False, capture_output=True)
    bare.leave_groups(host)


if __name__ == "__main__":
    commands = {"start": start, "move": move, "leave": leave}
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    words = sys.argv[2:]
    if sys.argv[1] != "leave":
        words[-1] = json.loads(words[-1])
    commands[sys.argv[1]](*words)
