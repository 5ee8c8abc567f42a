# SPDX-License-Identifier: GPL-2.0
"""The Python binding without the module; run by python.sh."""

import ctypes
import errno
import functools
import mmap
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

import ipcchan as ic
import python_tap
from python_tap import Skip, child, interrupted, raises

ROOT = sys.argv[1]
HEADERS = "".join(f"#include <ipcchan/{name}.h>\n" for name in ("ring", "slots", "mring", "bring"))
SIZE, SECOND = 1 << 16, 1000000000

# What is not for users, or of an ABI or a layout that the library keeps to itself.
INNER = re.compile(r"IPCCHAN_(IOC_|SLOT_|CURSOR_|RING_(REC_|(READ|WRITE)_AHEAD)|BELL_FD_REMOVE|"
                   r"WATCH_OFF|WRITEBACK_ROUNDS|CLAIM_(SPIN|PRODUCE|CONSUME|BROADCAST|AHEAD|TRIES)|"
                   r".*(MAGIC|LAYOUT|_H)$)")
# Parts of inline functions, what ends with one, and what is a loop in Python.
UNBOUND = {"ring_fail", "ring_probe", "ring_wake", "slots_fail", "slots_wake", "mring_peek_slow",
           "claim_fail", "claim_record", "claim_wake", "mring_peek_batch", "mring_reserve_batch",
           "serve_loop"}


def compiler(*args, source=HEADERS):
    """What the compiler makes of C."""
    run = subprocess.run([os.environ.get("CC", "cc"), "-D_GNU_SOURCE", f"-I{ROOT}/include/uapi",
                          f"-I{ROOT}/user/lib", "-x", "c", *args, "-"], input=source, text=True,
                         capture_output=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


@functools.cache
def declarations():
    """What functions the headers have, and where."""
    return compiler("-fsyntax-only", "-aux-info", "/dev/stdout")


def structures():
    """structures have the fields of those in C, where these are"""
    lines = []
    for name, kind in [*ic._TYPES.items(), ("query", ic.Query), ("info", ic.Info)]:
        if name == "Py_buffer" or not hasattr(kind, "_fields_"):
            continue
        c_name = f"struct ipcchan_{name}"
        lines.append(f"_Static_assert(sizeof({c_name}) == {ctypes.sizeof(kind)}, \"{name}\");")
        for field, *_ in kind._fields_:
            at = getattr(kind, field)
            lines.append(f"_Static_assert(__builtin_offsetof({c_name}, {field}) == {at.offset} && "
                         f"sizeof((({c_name} *)0)->{field}) == {at.size}, \"{name}.{field}\");")
    assert len(lines) > 150, lines
    compiler("-fsyntax-only", source=HEADERS + "\n".join(lines))


def constants():
    """constants are those of the headers, and none is missing"""
    mine = {name: value for name, value in vars(ic).items() if re.fullmatch("[A-Z][A-Z0-9_]*", name)
            and isinstance(value, (int, str)) and name != "TYPE_CHECKING"}
    lines = [f"_Static_assert(IPCCHAN_{name} == {value}{'u' * (value > 0)}, \"{name}\");"
             if isinstance(value, int) else
             f"_Static_assert(!__builtin_strcmp(IPCCHAN_{name}, \"{value}\"), \"{name}\");"
             for name, value in mine.items()]
    compiler("-fsyntax-only", source=HEADERS + "\n".join(lines))
    macros = re.findall(r"#define (IPCCHAN_\w+) .", compiler("-E", "-dM"))
    enums = re.findall(r"enum \w+ \{([^}]*)\}", compiler("-E", "-P"))
    theirs = set(macros) | set(re.findall(r"IPCCHAN_\w+", " ".join(enums)))
    missing = {name for name in theirs if not INNER.match(name)} - {f"IPCCHAN_{n}" for n in mine}
    assert len(theirs) > 100 and not missing, missing


def prototypes():
    """functions have the types of those in the headers, and none is missing"""
    words = {"size_t": "size", "ssize_t": "long", "unsigned int": "u32", "uint32_t": "u32",
             "uint64_t": "u64", "int64_t": "s64", "int": "int", "void": "void",
             "struct ipcchan_bell": "bell", "const char *": "str"}

    def kind(text):
        text = text.strip()
        word = words.get(text) or ("ptr" if "*" in text else "int" if text[:5] == "enum " else text)
        return ic._TYPES[word]

    found = re.findall(r"extern (.*\W)ipcchan_(\w+) \((.*)\);", declarations())
    unbound = set()
    for result, name, args in found:
        function = vars(ic._lib).get("ipcchan_" + name)
        if function is None:
            unbound.add(name)
            continue
        want = [kind(result), *(kind(arg) for arg in args.split(", ") if arg != "void")]
        assert function.restype == want[0] and len(function.argtypes) == len(want) - 1 and all(
            map(issubclass, function.argtypes, want[1:])), f"{name}: {args}"
    assert len(found) > 80 and unbound == UNBOUND, unbound ^ UNBOUND


def public():
    """each function is there under its own name, or under that which the binding tells"""
    owners = {"ring": ic.Ring, "slots": ic.Slots, "mring": ic.MRing, "bring": ic.BRing,
              "bell": ic.Bell}
    told = {"fd": ic.Channel.fileno, "msg_init": ic.Message, "msg_fds": ic.Message.fds,
            "msg_payload": ic.Message.__annotations__["payload"]}
    found = re.findall(r"/(ipcchan[\w/]*)\.h:\d+:N[CF] \*/ (extern|static) .*?\Wipcchan_(\w+) \(",
                       declarations())
    names = {name for header, kind, name in found
             if header == "ipcchan" or kind == "extern" and name not in UNBOUND}
    missing = set()
    for name in names - set(told):
        owner, _, verb = name.partition("_")
        if not any(hasattr(where, name) for where in (ic.Channel, ic)) and (
                not hasattr(owners.get(owner), verb)):
            missing.add(name)
    assert len(names) > 80 and not missing, (len(names), missing)


def memory(size=SIZE):
    """A memfd, mapped."""
    fd = os.memfd_create("ring")
    os.ftruncate(fd, size)
    return fd, mmap.mmap(fd, size)


def no_module():
    """what there is not is said"""
    if os.path.exists(ic.DEV_PATH):
        raise Skip("the module is here")
    for function in (lambda: ic.open("name"), ic.query, lambda: ic.unlink("name")):
        with raises(FileNotFoundError, errno.ENOENT, "No such file or directory: '/dev/ipcchan'"):
            function()


def no_library():
    """a library that is missing, or older, is named, and what to do about it"""
    names = [name for line in ic._PROTOTYPES.split("\n") for name in line.split()[1:]]
    *older, missing = [name for name in names if "ipcchan_" + name in vars(ic._lib)]
    with tempfile.TemporaryDirectory() as folder:
        compiler("-shared", "-fPIC", "-o", f"{folder}/old.so", source="".join(
            f"void ipcchan_{name}(void) {{ }}\n" for name in older))
        for library, why in ((f"{folder}/old.so", f"undefined symbol: ipcchan_{missing}"),
                             ("/none.so", "No such file or directory")):
            run = subprocess.run([sys.executable, "-c", "import ipcchan"], text=True, check=False,
                                 env={**os.environ, "IPCCHAN_LIBRARY": library},
                                 capture_output=True)
            assert run.returncode == 1 and f"\nImportError: libipcchan is missing, or older than " \
                f"{ic.__file__}: {library}: " in run.stderr and run.stderr.endswith(
                    f"{why}; install that of the same version, or let IPCCHAN_LIBRARY name it\n"), \
                run.stderr


def arguments():
    """arguments that a name, a field or a parameter has no room for are refused"""
    with raises(ValueError):
        ic.open("a\0b")
    with raises(OverflowError, words="max_msgs cannot be 4294967296"):
        ic.open("a", max_msgs=1 << 32)
    (fd, mem), bell = memory(), ic.bell_futex()
    life = ic.ClaimLife(fd)
    with raises(ctypes.ArgumentError, words="fd cannot be 4294967296"):
        ic.BRing.format(mem, 56, 0, ic.ClaimLife(1 << 32))
    ic.BRing.format(mem, 56, 0, life)
    with ic.BRing.attach_producer(mem, bell, life) as out:
        for length in -1, 1 << 64, (1 << 64) + 5:
            with raises(OverflowError, words=f"no room for {length}"):
                out.reserve_batch([4, length])
        (place,) = out.reserve_batch([4])
        assert len(place) == 4
        del place
    mem.close()


def ring_of_bytes():
    """a ring between two processes, and alone"""
    mem, bell = mmap.mmap(-1, SIZE), ic.bell_futex()
    assert ic.Ring.mem_size(SIZE) > SIZE and ic.Ring.mem_size(0) == 0
    ic.Ring.format(mem)

    def produce():
        with ic.Ring.attach(mem, ic.RING_PRODUCER, bell) as out:
            for i in range(3000):
                out.send(b"%d" % i + b"." * (i % 300))

    with child(produce), ic.Ring.attach(mem, ic.RING_CONSUMER, bell) as got:
        for i in range(3000):
            assert got.recv(30 * SECOND) == b"%d" % i + b"." * (i % 300)
    with ic.Ring.attach(mem, ic.RING_PRODUCER, bell) as out, \
            ic.Ring.attach(mem, ic.RING_CONSUMER, bell) as got:
        assert out.send_many([b"a", bytearray(b"bc"), memoryview(b"def")]) == 3
        assert got.recv_many(5, 2) == [b"a", b"bc"]
        with raises(OSError, errno.EMSGSIZE):
            got.recv_many(1, 2)
        room = bytearray(5)
        assert got.recv_into(memoryview(room)[1:]) == 3 and room == b"\0def\0"
        with raises(TimeoutError):
            got.recv(1000000)
        with raises(ctypes.ArgumentError):
            got.recv(1 << 63)
        with raises(OSError, errno.EINVAL):
            got.send(b"the wrong side")
        with raises(OSError, errno.EMSGSIZE):
            out.send(bytes(out.max_len() + 1))
        assert got.arm() and bytes(got.bell_word()) == b"\1\0\0\0"
        out.send(b"ring")
        assert bytes(got.bell_word()) == bytes(4) and not got.arm()
        got.disarm()
        got.set_writeback(ic.WRITEBACK_OFF)
        assert got.recv() == b"ring" and got.writeback() == ic.WRITEBACK_OFF
        with raises(BufferError):
            mem.close()
    with raises(ValueError):
        got.recv()
    mem.close()


def ring_of_slots():
    """a ring of slots between two threads, of which one waits"""
    mem, bell = mmap.mmap(-1, SIZE), ic.bell_futex()
    ic.Slots.format(mem, 24)
    with ic.Slots.attach(mem, ic.RING_PRODUCER, bell) as out, \
            ic.Slots.attach(mem, ic.RING_CONSUMER, bell) as got:
        assert (out.max_len(), out.send_many(b"onetwosix", 3)) == (24, 3)
        assert got.recv_many(2, 3) == b"onetwo" and got.recv() == b"six"
        with raises(ValueError):
            out.send_many(b"12345", 2)
        threading.Timer(0.1, out.send, [b"late"]).start()
        assert got.recv(30 * SECOND) == b"late"
        with raises(TimeoutError):
            got.wait(1000000)
    with raises(OSError, errno.EPROTO):
        ic.Ring.attach(mem, ic.RING_PRODUCER, bell)
    mem.close()


def ring_of_many():
    """each message goes to one of several consumers, and the dead are found"""
    (fd, mem), bell = memory(), ic.bell_futex()
    life = ic.ClaimLife(fd)
    ic.MRing.format(mem, 56, 0, life)
    out = ic.MRing.attach(mem, ic.CLAIM_PRODUCER, bell, life)

    def consume(count):
        with ic.MRing.attach(mem, ic.CLAIM_CONSUMER, bell, life) as got:
            for _ in range(count):
                got.recv(30 * SECOND)

    def die():
        got = ic.MRing.attach(mem, ic.CLAIM_CONSUMER, bell, life)
        assert got.recv(30 * SECOND) == b"last"
        os.kill(os.getpid(), signal.SIGKILL)

    with child(consume, 700), child(consume, 300):
        for i in range(1000):
            out.send(b"%d" % i)
    assert out.recover() == 0
    out.send(b"last")
    with raises(AssertionError):
        with child(die):
            pass
    assert out.recover() == 1
    with raises(OSError, errno.EXDEV):
        ic.MRing.attach(mem, ic.CLAIM_CONSUMER, bell, ic.ClaimLife(fd, 64))
    out.detach()
    with raises(ValueError):
        out.send(b"x")
    mem.close()


def ring_of_broadcast():
    """each message goes to each reader, who is told of what it has lost"""
    (fd, mem), bell = memory(), ic.bell_futex()
    life = ic.ClaimLife(fd)
    ic.BRing.format(mem, 56, 0, life)
    with ic.BRing.attach_producer(mem, bell, life) as out, \
            ic.BRing.attach_reader(mem, bell, life) as one, \
            ic.BRing.attach_reader(mem, bell, None) as two:
        out.send(b"to all")
        assert one.recv() == two.recv() == (b"to all", 0)
        first, second = out.reserve_batch([3, 4])
        first[:], second[:] = b"one", b"more"
        out.commit()
        place, lost = one.peek()
        assert bytes(place) == b"one" and lost == 0 and place.readonly
        one.release()
        assert bytes(one.peek()[0]) == b"more"
        for i in range(2 * SIZE // 64):
            out.send(b"%d" % i)
        with raises(OSError, errno.ESTALE):
            one.release()
        got, lost = two.recv()
        assert lost == 2 + int(got), (got, lost)
        with raises(TimeoutError):
            while True:
                two.recv(0)
        with raises(BlockingIOError):
            two.peek()
        with raises(BufferError):
            mem.close()
    del first, second, place
    mem.close()


def signals():
    """a signal ends a wait only when its handler says so"""
    mem, bell = mmap.mmap(-1, SIZE), ic.bell_futex()
    ic.Ring.format(mem)
    seen = []

    def see(*_):
        seen.append(1)
        assert len(seen) < 100, "it never ends"

    with ic.Ring.attach(mem, ic.RING_CONSUMER, bell) as got:
        got.set_wait(ic.WAIT_SLEEP)
        with interrupted(0.05, see):
            start = time.monotonic()
            with raises(TimeoutError):
                got.recv(SECOND // 2)
            assert seen and time.monotonic() - start >= 0.5
        with raises(KeyboardInterrupt), interrupted(0.2, signal.default_int_handler):
            got.recv()
        with raises(ValueError), interrupted(0.05, lambda *_: got.close()):
            got.recv(2 * SECOND)


python_tap.main([structures, constants, prototypes, public, no_module, no_library, arguments,
                 ring_of_bytes, ring_of_slots, ring_of_many, ring_of_broadcast, signals])
