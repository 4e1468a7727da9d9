"""What the moves by hand share: the lab hosts as this machine sees them. A host is the number of its first process."""
import os
import subprocess
import time

# The bridge of the cluster's network on each host, as Huddle's agents make it.
BRIDGE = "hud0"
# What agents call the parent of all VMs' control groups, and the one in which a VM is by hand.
VMS, BY_HAND = "huddle-vms", "by-hand"
PERIOD = 100_000


def inside(host, *command, check=True, cpu=None, **options):
    """Runs a command in the namespaces and under the limits of a host; `cpu` is what is reserved and the most, in
    thousandths of a core, of a group of its own beside those of VMs."""
    return subprocess.run(
        ["nsenter", "--target", host, "--mount", "--net", "--pid", "--ipc", "--uts", "--cgroup", *command], check=check,
        preexec_fn=lambda: join_groups(host, cpu),
        env=os.environ | {"PODMAN_IGNORE_CGROUPSV1_WARNING": "1"}, **options)


def said(host, *command):
    return inside(host, *command, capture_output=True, text=True).stdout


def join_groups(host, cpu=None):
    """Puts this process under the limits of a host, and of a group of its own below that."""
    for controllers, folder in groups_of(host):
        if cpu and (not controllers or "cpu" in controllers.split(",")):
            folder = limited(folder, *cpu)
        try:
            write(f"{folder}/cgroup.procs", os.getpid())
        except OSError:
            pass


def groups_of(host):
    with open(f"/proc/{host}/cgroup", encoding="ascii") as lines:
        for line in lines:
            _, controllers, path = line.strip().split(":", 2)
            root = "/sys/fs/cgroup/" + (controllers.removeprefix("name=") if controllers else "unified")
            if not os.path.isdir(root):
                root = "/sys/fs/cgroup"
            yield controllers, root + path


def limited(folder, reserved, most):
    """Makes the group as an agent makes a VM's; the folder itself where this hierarchy has no such limits."""
    group = f"{folder}/{VMS}/{BY_HAND}"
    shares = reserved * 1024 // 1000
    values = {
        "cpu.shares": shares, "cpu.cfs_period_us": PERIOD, "cpu.cfs_quota_us": most * PERIOD // 1000,
        "cpu.weight": 1 + (shares - 2) * 9999 // 262_142, "cpu.max": f"{most * PERIOD // 1000} {PERIOD}",
    }
    if not any(os.path.exists(f"{folder}/{name}") for name in values):
        return folder
    os.makedirs(group, exist_ok=True)
    for name, value in values.items():
        try:
            # A quota above the host's own is refused, and that one holds then.
            if os.path.exists(f"{group}/{name}"):
                write(f"{group}/{name}", value)
        except OSError:
            pass
    return group


def leave_groups(host):
    """Removes the group of what ran by hand there."""
    for _, folder in groups_of(host):
        for _ in range(50):
            try:
                os.rmdir(f"{folder}/{VMS}/{BY_HAND}")
            except FileNotFoundError:
                break
            except OSError:
                # Its process is about to end.
                time.sleep(0.1)


def write(path, value):
    with open(path, "w", encoding="ascii") as file:
        file.write(str(value))


def address_of(host):
    listing = said(host, "ip", "-4", "-o", "address", "show", "dev", "eth0")
    return listing.split()[3].split("/")[0]


def has_device(host, name):
    return inside(host, "ip", "link", "show", name, check=False, capture_output=True).returncode == 0
