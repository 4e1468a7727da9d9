#!/usr/bin/env python3
"""Sees from outside what users of a workload see, and stamps it with its own clock.

witness.py datagrams ADDRESS PORT FILE [SECONDS]   notes each numbered datagram that arrives
witness.py replies ADDRESS PORT FILE [SECONDS [PACE]]  holds one TCP connection, sends a line every PACE seconds (0.02),
                                         notes each that comes back; ends by itself, and well, only when the seconds are over
witness.py pages ADDRESS PORT FILE END   gets the page at / again and again, each time on a new connection, and tries again
                                         when it takes longer than 250 ms; notes each that comes. Ends when the file END
                                         is there, and prints the longest time between two notes in milliseconds
witness.py pings ADDRESS END             asks by ICMP every 10 ms until the file END is there, and prints how many of the
                                         questions had no answer within a second
witness.py sent HOST DEVICE END          counts what leaves a device of the host whose first process has that number until the file
                                         END is there, and prints MiB a second from its first mebibyte to its last, and in the
                                         worst two seconds
witness.py gap FILE FROM TO QUIET        the longest time without a note between two moments, in milliseconds, less the
                                         longest in the minute before QUIET, in which nothing moved
witness.py restarts FILE                 how often the numbers began anew, which is how often the sender did

Moments are seconds of the machine's monotonic clock, as /proc/uptime gives them.
"""
import os
import socket
import struct
import sys
import time


def note(file, number):
    file.write(f"{time.monotonic():.6f} {number}\n")
    file.flush()


def datagrams(address, port, path, seconds="inf"):
    end = time.monotonic() + float(seconds)
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    door.bind((address, int(port)))
    with open(path, "w", encoding="ascii") as file:
        while time.monotonic() < end:
            datagram = door.recv(64)
            if len(datagram) == 4:
                note(file, struct.unpack("!I", datagram)[0])


def replies(address, port, path, seconds="inf", pace="0.02"):
    end = time.monotonic() + float(seconds)
    connection = socket.create_connection((address, int(port)), timeout=10)
    # Longer than any interruption that a move may cause; a reset or an end is seen at once whatever this says.
    connection.settimeout(30)
    stream = connection.makefile("rwb", buffering=0)
    with open(path, "w", encoding="ascii") as file:
        number = 0
        while time.monotonic() < end:
            stream.write(b"%d\n" % number)
            if stream.readline() != b"%d\n" % number:
                sys.exit(f"the connection ended after {number} replies")
            note(file, number)
            number += 1
            time.sleep(float(pace))


def page(address, port):
    """Whether a page came."""
    try:
        with socket.create_connection((address, int(port)), timeout=0.25) as connection:
            connection.settimeout(0.25)
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/")
    except OSError:
        return False


def pages(address, port, path, end):
    with open(path, "w", encoding="ascii") as file:
        number = 0
        while not os.path.exists(end):
            if page(address, port):
                note(file, number)
                number += 1
            time.sleep(0.01)
    moments = [moment for moment, _ in notes(path)]
    print(round(1000 * max((b - a for a, b in zip(moments, moments[1:])), default=float("inf"))))


def checksum(data):
    # Source: RFC 1071.
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def pings(address, end):
    door = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    door.connect((address, 0))
    identity, unanswered, lost, number = os.getpid() & 0xFFFF, {}, 0, 0
    due = time.monotonic()
    while not os.path.exists(end) or unanswered:
        now = time.monotonic()
        if now >= due and not os.path.exists(end):
            # Source: RFC 792; an echo request of eight bytes.
            question = struct.pack("!BBHHH", 8, 0, 0, identity, number)
            question = struct.pack("!BBHHH", 8, 0, checksum(question), identity, number)
            try:
                door.send(question)
            except OSError:
                pass
            unanswered[number] = now
            number, due = (number + 1) & 0xFFFF, due + 0.01
        late = [key for key, sent in unanswered.items() if now - sent > 1]
        for key in late:
            del unanswered[key]
        lost += len(late)
        door.settimeout(max(0.0005, min(due - time.monotonic(), 0.01)))
        try:
            packet = door.recv(256)
        except OSError:
            continue
        answer = packet[4 * (packet[0] & 15):]
        if len(answer) >= 8:
            kind, _, _, name, key = struct.unpack("!BBHHH", answer[:8])
            if kind == 0 and name == identity:
                unanswered.pop(key, None)
    print(lost)


def sent(host, device, end):
    samples = []
    while not os.path.exists(end):
        with open(f"/proc/{host}/net/dev", encoding="ascii") as file:
            line = next(line for line in file if line.strip().startswith(device + ":"))
        samples.append((time.monotonic(), int(line.split(":")[1].split()[8]) / (1 << 20)))
        time.sleep(0.02)
    first, last = samples[0][1] + 1, samples[-1][1] - 1
    busy = [(moment, count) for moment, count in samples if first <= count <= last]
    if len(busy) < 2:
        sys.exit("next to nothing was sent")
    (began, low), (ended, high) = busy[0], busy[-1]
    worst, back = 0.0, 0
    for moment, count in samples:
        while samples[back + 1][0] <= moment - 2:
            back += 1
        if moment - samples[back][0] >= 2:
            worst = max(worst, (count - samples[back][1]) / (moment - samples[back][0]))
    print(f"{(high - low) / (ended - began):.1f} {worst:.1f}")


def notes(path):
    with open(path, encoding="ascii") as file:
        for line in file:
            words = line.split()
            if len(words) == 2 and line.endswith("\n"):
                yield float(words[0]), int(words[1])


def longest(moments, begin, end):
    """The longest gap that lies at least in part between the two moments, in seconds."""
    seen = [moment for moment in moments if begin - 5 <= moment <= end + 5]
    gaps = [b - a for a, b in zip(seen, seen[1:]) if b >= begin and a <= end]
    if not gaps or seen[-1] < end:
        sys.exit("nothing was noted any more")
    return max(gaps)


def gap(path, begin, end, quiet):
    begin, end, quiet = float(begin), float(end), float(quiet)
    moments = [moment for moment, _ in notes(path)]
    usual = longest(moments, quiet - 60, quiet)
    print(round(1000 * max(0.0, longest(moments, begin, end) - usual)))


def restarts(path):
    numbers = [number for _, number in notes(path)]
    # Late datagrams come a little out of order; a sender that begins anew begins at zero.
    print(sum(1 for a, b in zip(numbers, numbers[1:]) if b < a - 1000 or b == 0 and a != 0))


if __name__ == "__main__":
    commands = {
        "datagrams": datagrams, "replies": replies, "pages": pages, "pings": pings, "sent": sent, "gap": gap, "restarts": restarts
    }
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
