"""What the moves by hand share: the lab hosts as this machine sees them. A host is the number of its first process."""
import os
import subprocess

# The bridge of the cluster's network on each host, as Huddle's agents make it.
BRIDGE = "hud0"


def inside(host, *command, check=True, **options):
    """Runs a command in the namespaces and under the limits of a host."""
    return subprocess.run(
        ["nsenter", "--target", host, "--mount", "--net", "--pid", "--ipc", "--uts", "--cgroup", *command], check=check,
        preexec_fn=lambda: join_groups(host),
        env=os.environ | {"PODMAN_IGNORE_CGROUPSV1_WARNING": "1"}, **options)


def said(host, *command):
    return inside(host, *command, capture_output=True, text=True).stdout


def join_groups(host):
    """Puts this process under the limits of a host."""
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


def address_of(host):
    listing = said(host, "ip", "-4", "-o", "address", "show", "dev", "eth0")
    return listing.split()[3].split("/")[0]


def has_device(host, name):
    return inside(host, "ip", "link", "show", name, check=False, capture_output=True).returncode == 0
