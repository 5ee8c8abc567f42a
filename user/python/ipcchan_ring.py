# SPDX-License-Identifier: MIT
"""Rings over shared memory: those of libipcchan for Python, by ctypes.

What <ipcchan/ring.h>, <ipcchan/slots.h>, <ipcchan/mring.h> and <ipcchan/bring.h> say of a function,
its parameters and its errors holds here, too.  The names are theirs: ipcchan_ring_send() is send()
of a Ring, ipcchan_mring_attach() is MRing.attach(), and constants are without IPCCHAN_.  Errors and
signals are as the module ipcchan has them; only who waits with WAIT_SPIN is not disturbed.

The memory is what has a writable buffer that begins at a multiple of 64: the map() of a channel, or
an mmap.mmap of a memfd.  It cannot be released or closed while a ring is attached.  At the end of
a with statement a Ring and a Slots are closed, an MRing and a BRing leave by detach().

Messages are copied.  To build and to read them in place the headers have inline functions, which
are made of atomic operations that Python does not have; only those of the broadcast ring are
functions of the library.  One thread at a time may use a ring; others run while it waits.
"""
from __future__ import annotations

import ctypes
from ctypes import byref, c_size_t, c_uint32, c_uint64, c_void_p, sizeof
from typing import (TYPE_CHECKING, Any, Callable, List, NamedTuple, Optional, Sequence, Tuple, Type,
                    TypeVar)

from ipcchan import (WAIT_FOREVER, Bell, _again, _checked, _declare, _lib, _Pin, _struct, _TYPES)

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

RING_PRODUCER, RING_CONSUMER = range(2)
CLAIM_PRODUCER, CLAIM_CONSUMER = range(2)
RING_SPIN = MRING_SPIN = BRING_SPIN = 1
WAIT_ADAPTIVE, WAIT_SLEEP, WAIT_SPIN = range(3)
(WRITEBACK_OFF, WRITEBACK_CLWB, WRITEBACK_CLFLUSHOPT, WRITEBACK_CLDEMOTE,
 WRITEBACK_PROBE) = range(5)
RING_MIN_CAPACITY = 64
SLOTS_MAX_LEN, SLOTS_MIN_COUNT, SLOTS_MAX_COUNT = 1016, 4, 1 << 22
CLAIM_PEERS, CLAIM_BATCH, CLAIM_NAP_NS = 64, 64, 1000000000

_TYPES["lens"], _TYPES["took"] = c_uint32 * CLAIM_BATCH, c_uint32 * 5 * 4
_Spin = _struct("spin", "u32 wake_ns shorter")
_Peer = _struct("peer", "ptr waiting; u32 no_sleep side; ptr shared; bell bell; int mode;"
                "spin spin; u32 pace rest")
_Writer = _struct("writer", "u64 from next; u32 how probing ways usable;"
                  "u8 step rounds idle before; s64 start_ns; took took_ns; s64 idle_ns")
_Ring = _struct("ring", "u64 own limit pending published hold due seen seen_size waited; ptr data;"
                "u64 mask max_len; ptr own_index peer_index; u64 bias; int err side; peer peer;"
                "writer writer")
_Slots = _struct("slots", "u64 own limit done waited; ptr data; u64 mask;"
                 "u32 shift max_len len hold; u64 close; ptr head; int err side; peer peer")
_Claim = _struct("claim", "ptr cursor own; u64 last limit looked; ptr data; u64 mask pos; ptr slot;"
                 "u32 slot_size shift count owner flags; int err; u32 max_len; int side mode;"
                 "u32 again adopted; u64 adopt_pos adopt_end; ptr shared; bell bell; int fd;"
                 "s64 life_start; int wait; spin spin; s64 look_ns look_gap_ns; u64 look_pos;"
                 "s64 looked_ns")
_MRing = _struct("mring", "claim c; lens len")
_BRing = _struct("bring", "claim c; u64 lost; lens len")
_Life = _struct("claim_life", "int fd; s64 start")

_PROTOTYPES = """
void ptr: ring_disarm mring_detach mring_close bring_detach bring_close
int ptr: ring_writeback mring_recover bring_recover bring_commit bring_release
int ptr int: ring_set_wait slots_set_wait mring_set_wait bring_set_wait ring_set_writeback
int ptr size: ring_arm
int ptr s64: slots_wait mring_wait bring_wait
int ptr size s64: ring_wait
int ptr size u32: ring_format
int ptr size size u32: slots_format
int ptr size size u32 ptr: mring_format bring_format
int ptr size ptr: bring_reserve
int ptr ptr u32: bring_reserve_batch
int ptr ptr size s64: ring_send slots_send mring_send bring_send
int ptr ptr size int ptr: ring_attach slots_attach
int ptr ptr size int ptr ptr: mring_attach
int ptr ptr size ptr ptr: bring_attach_producer bring_attach_reader
long ptr ptr ptr: bring_peek
long ptr ptr size s64: ring_recv slots_recv mring_recv
long ptr ptr size s64 ptr: bring_recv
long ptr ptr size u32 s64: slots_send_many slots_recv_many
long ptr ptr u32 s64: ring_send_many ring_recv_many
size size: ring_mem_size
size size size: slots_mem_size mring_mem_size bring_mem_size
"""
_declare(_PROTOTYPES)

_Self = TypeVar("_Self", bound="_Handle")


class ClaimLife(NamedTuple):
    """By what file's, or channel's, locks it is known who is alive: struct ipcchan_claim_life."""
    fd: int
    start: int = 0


def _life(life: Optional[ClaimLife]) -> Any:
    return None if life is None else byref(_Life(*life))


def _format(name: str, memory: WriteableBuffer, *args: Any) -> None:
    with _Pin(memory, True) as pin:
        _checked(getattr(_lib, f"ipcchan_{name}_format")(pin.at, pin.len, *args))


class _Handle:
    """What all rings have in common."""

    _name = ""
    _type: Type[ctypes.Structure]
    _value: Any = None

    def __init__(self, memory: WriteableBuffer, attach: str, *args: Any) -> None:
        self._memory = memoryview(memory).cast("B")
        self._pin = _Pin(self._memory, True)
        self._room: Any = None
        value = self._type()
        try:
            _checked(getattr(_lib, f"ipcchan_{self._name}_{attach}")(
                byref(value), self._pin.at, self._pin.len, *args))
            self._value = value
        finally:
            if not self._value:
                self._let_go()

    def _let_go(self) -> None:
        self._value = None
        self._pin.release()
        self._memory.release()

    def _state(self) -> Any:
        if not self._value:
            raise ValueError("the ring is closed")
        return self._value

    def _do(self, name: str, *args: Any, timeout_ns: Optional[int] = None) -> int:
        return _again(timeout_ns, getattr(_lib, f"ipcchan_{self._name}_{name}"),
                      byref(self._state()), *args)

    def close(self) -> None:
        """Drop the handle, and nothing else."""
        if self._value:
            self._let_go()

    def __del__(self) -> None:
        self.close()

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def max_len(self) -> int:
        return int(self._state().max_len)

    def set_wait(self, mode: int) -> None:
        self._do("set_wait", mode)

    def send(self, msg: ReadableBuffer, timeout_ns: int = WAIT_FOREVER) -> None:
        with _Pin(msg) as pin:
            self._do("send", pin.at, pin.len, timeout_ns=timeout_ns)

    def _received(self, recv: Callable[[_Pin], int]) -> bytes:
        """What RECV has received to where there is room for any message."""
        if not self._room:
            room = bytearray(self.max_len())
            self._room = memoryview(room), _Pin(room, True)
        data, pin = self._room
        return bytes(data[:recv(pin)])


class _Queue(_Handle):
    """A ring each of whose messages is received once."""

    def recv(self, timeout_ns: int = WAIT_FOREVER) -> bytes:
        return self._received(lambda pin: self._recv(pin, timeout_ns))

    def recv_into(self, buffer: WriteableBuffer, timeout_ns: int = WAIT_FOREVER) -> int:
        """A message to BUFFER.  Returns its length."""
        with _Pin(buffer, True) as pin:
            return self._recv(pin, timeout_ns)

    def _recv(self, pin: _Pin, timeout_ns: int) -> int:
        return self._do("recv", pin.at, pin.len, timeout_ns=timeout_ns)


class Ring(_Queue):
    """One side of a ring of messages of any size, of <ipcchan/ring.h>."""

    _name, _type = "ring", _Ring

    @staticmethod
    def mem_size(capacity: int) -> int:
        return int(_lib.ipcchan_ring_mem_size(capacity))

    @staticmethod
    def format(memory: WriteableBuffer, flags: int = 0) -> None:
        _format("ring", memory, flags)

    @classmethod
    def attach(cls, memory: WriteableBuffer, side: int, bell: Optional[Bell]) -> Ring:
        return cls(memory, "attach", side, bell and bell._ref())

    def set_writeback(self, how: int) -> None:
        self._do("set_writeback", how)

    def writeback(self) -> int:
        return self._do("writeback")

    def wait(self, length: int = 0, timeout_ns: int = WAIT_FOREVER) -> None:
        self._do("wait", length, timeout_ns=timeout_ns)

    def arm(self, length: int = 0) -> bool:
        return self._do("arm", length) == 1

    def disarm(self) -> None:
        _lib.ipcchan_ring_disarm(byref(self._state()))

    def bell_word(self) -> memoryview:
        """The four bytes that the peer rings, for Bell.watch() and Bell.eventfd()."""
        peer = self._state().peer
        start = peer.shared + sizeof(c_uint32) * peer.side - self._pin.at
        return self._memory[start:start + sizeof(c_uint32)]

    def send_many(self, msgs: Sequence[ReadableBuffer], timeout_ns: int = WAIT_FOREVER) -> int:
        """Messages that are published together.  Returns how many were sent."""
        pins = [_Pin(msg) for msg in msgs]
        vec = (c_size_t * (2 * len(pins)))(*[word for pin in pins for word in (pin.at, pin.len)])
        return self._do("send_many", vec, len(pins), timeout_ns=timeout_ns)

    def recv_many(self, count: int, size: int, timeout_ns: int = WAIT_FOREVER) -> List[bytes]:
        """Up to COUNT of SIZE bytes, as many as there are."""
        room = bytearray(count * size)
        with _Pin(room, True) as pin:
            vec = (c_size_t * (2 * count))(*[word for i in range(count)
                                             for word in (pin.at + i * size, size)])
            got = self._do("recv_many", vec, count, timeout_ns=timeout_ns)
        return [bytes(room[i * size:i * size + vec[2 * i + 1]]) for i in range(got)]


class Slots(_Queue):
    """One side of a ring of slots of one size, of <ipcchan/slots.h>."""

    _name, _type = "slots", _Slots

    @staticmethod
    def mem_size(count: int, length: int) -> int:
        return int(_lib.ipcchan_slots_mem_size(count, length))

    @staticmethod
    def format(memory: WriteableBuffer, length: int, flags: int = 0) -> None:
        _format("slots", memory, length, flags)

    @classmethod
    def attach(cls, memory: WriteableBuffer, side: int, bell: Optional[Bell]) -> Slots:
        return cls(memory, "attach", side, bell and bell._ref())

    def wait(self, timeout_ns: int = WAIT_FOREVER) -> None:
        self._do("wait", timeout_ns=timeout_ns)

    def send_many(self, msgs: ReadableBuffer, length: int, timeout_ns: int = WAIT_FOREVER) -> int:
        """Messages of LENGTH that lie one behind the other.  Returns how many were sent."""
        with _Pin(msgs) as pin:
            if length < 1 or pin.len % length:
                raise ValueError(f"{pin.len} bytes are no messages of {length}")
            return self._do("send_many", pin.at, length, pin.len // length, timeout_ns=timeout_ns)

    def recv_many(self, count: int, length: int, timeout_ns: int = WAIT_FOREVER) -> bytes:
        """Up to COUNT of LENGTH bytes, one behind the other, as many as there are."""
        room = bytearray(count * length)
        with _Pin(room, True) as pin:
            got = self._do("recv_many", pin.at, length, count, timeout_ns=timeout_ns)
        return bytes(memoryview(room)[:got * length])


class _Participant(_Handle):
    """A ring whose participants may be killed."""

    def __exit__(self, *_: object) -> None:
        self.detach()

    def detach(self) -> None:
        """Leave; what is not done with is settled."""
        self._end("detach")

    def close(self) -> None:
        """Drop the handle without a word in the shared memory, as a child of fork() does."""
        self._end("close")

    def _end(self, name: str) -> None:
        if self._value:
            getattr(_lib, f"ipcchan_{self._name}_{name}")(byref(self._value))
            self._let_go()

    def max_len(self) -> int:
        return int(self._state().c.max_len)

    def recover(self) -> int:
        """Look for the dead.  Returns how many were found."""
        return self._do("recover")

    def wait(self, timeout_ns: int = WAIT_FOREVER) -> None:
        self._do("wait", timeout_ns=timeout_ns)


class MRing(_Participant, _Queue):
    """A producer or a consumer, of <ipcchan/mring.h>."""

    _name, _type = "mring", _MRing

    @staticmethod
    def mem_size(slots: int, msg_size: int) -> int:
        return int(_lib.ipcchan_mring_mem_size(slots, msg_size))

    @staticmethod
    def format(memory: WriteableBuffer, msg_size: int, flags: int, life: ClaimLife) -> None:
        _format("mring", memory, msg_size, flags, _life(life))

    @classmethod
    def attach(cls, memory: WriteableBuffer, side: int, bell: Optional[Bell],
               life: ClaimLife) -> MRing:
        return cls(memory, "attach", side, bell and bell._ref(), _life(life))

    def again(self) -> bool:
        """Had another consumer, that has died or left, what was received last?"""
        return bool(self._state().c.again)


class BRing(_Participant):
    """A producer or a reader, of <ipcchan/bring.h>."""

    _name, _type = "bring", _BRing

    @staticmethod
    def mem_size(slots: int, msg_size: int) -> int:
        return int(_lib.ipcchan_bring_mem_size(slots, msg_size))

    @staticmethod
    def format(memory: WriteableBuffer, msg_size: int, flags: int, life: ClaimLife) -> None:
        _format("bring", memory, msg_size, flags, _life(life))

    @classmethod
    def attach_producer(cls, memory: WriteableBuffer, bell: Optional[Bell],
                        life: ClaimLife) -> BRing:
        return cls(memory, "attach_producer", bell and bell._ref(), _life(life))

    @classmethod
    def attach_reader(cls, memory: WriteableBuffer, bell: Optional[Bell],
                      life: Optional[ClaimLife]) -> BRing:
        return cls(memory, "attach_reader", bell and bell._ref(), _life(life))

    def recv(self, timeout_ns: int = WAIT_FOREVER) -> Tuple[bytes, int]:
        """A message, and how many were lost since it was last told."""
        lost = c_uint64()
        return self._received(lambda pin: self._recv(pin, timeout_ns, lost)), lost.value

    def recv_into(self, buffer: WriteableBuffer, timeout_ns: int = WAIT_FOREVER) -> Tuple[int, int]:
        """A message to BUFFER.  Returns its length, and how many were lost."""
        lost = c_uint64()
        with _Pin(buffer, True) as pin:
            return self._recv(pin, timeout_ns, lost), lost.value

    def _recv(self, pin: _Pin, timeout_ns: int, lost: c_uint64) -> int:
        return _again(timeout_ns, lambda left: int(_lib.ipcchan_bring_recv(
            byref(self._state()), pin.at, pin.len, left, byref(lost))))

    def _place(self, at: int, length: int) -> memoryview:
        return self._memory[at - self._pin.at:][:length]

    def reserve(self, length: int) -> memoryview:
        """Room to build a message in place."""
        msg = c_void_p()
        self._do("reserve", length, byref(msg))
        return self._place(msg.value or 0, length)

    def reserve_batch(self, lengths: Sequence[int]) -> List[memoryview]:
        """Room for the first ones of several messages."""
        vec = (c_size_t * (2 * len(lengths)))(*[word for length in lengths for word in (0, length)])
        got = self._do("reserve_batch", vec, len(lengths))
        return [self._place(vec[2 * i], lengths[i]) for i in range(got)]

    def commit(self) -> None:
        self._do("commit")

    def peek(self) -> Tuple[memoryview, int]:
        """The next message in place, to be believed when release() is no error, and how many were
        lost."""
        msg, lost = c_void_p(), c_uint64()
        length = self._do("peek", byref(msg), byref(lost))
        return self._place(msg.value or 0, length).toreadonly(), lost.value

    def release(self) -> None:
        self._do("release")
