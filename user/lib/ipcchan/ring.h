/* SPDX-License-Identifier: MIT */
/*
 * Single-producer single-consumer ring of variable-size messages over any
 * shared memory: a channel's buffer, a memfd, a mapped file.
 *
 * struct ipcchan_ring is one side's private handle.  It may be used by one
 * thread at a time; two handles in one process belong on different cache lines.
 * The shared memory may be written by a hostile peer: no call reads or writes
 * outside of it, or loops past its timeout; what does not make
 * sense is reported as -EBADMSG, now and by every later call.
 *
 * Layout.  Positions are 64-bit byte counts that are never masked: a position
 * modulo the capacity, a power of two, is the offset in the data area.  The
 * messages between head and tail are the consumer's, the rest is the
 * producer's.  A message is a record: a 64-bit word (length in the low half,
 * IPCCHAN_RING_REC_* in the high half), the bytes, and up to 7 bytes to the
 * next multiple of 8.  A record never wraps: where the room before the end of
 * the data area is too short, a padding record fills it, which is published
 * together with the message behind it.
 *
 * Trust.  Each side reads its own position from shared memory once, at attach.
 * Each shared word is loaded once for each decision, into a private copy, and
 * the copy is checked and used.
 *
 * Orders.  A position is published with release order and read with acquire
 * order, so that bytes written before it are seen behind it, and bytes read
 * before it are no longer needed.  Where a peer may sleep, two threads run
 *
 *	this side:	store position; load the peer's waiting word; if 1, wake
 *	sleeping peer:	store waiting = 1; load position; if unchanged, sleep
 *
 * and all four accesses are sequentially consistent.  In their single total
 * order one of the two loads is behind the other side's store, so that at
 * least one side sees what the other has done.  The kernel compares the waiting
 * word again after it has queued the sleeper, which closes the rest of the
 * window: the waker clears the word before it wakes.
 */
#ifndef IPCCHAN_RING_H
#define IPCCHAN_RING_H

#include <errno.h>

#include <ipcchan.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#if __GCC_ATOMIC_LLONG_LOCK_FREE != 2
#error "a lock-free 64-bit atomic is needed: one with a lock is not shared by processes"
#endif

enum ipcchan_ring_side {
	IPCCHAN_RING_PRODUCER,
	IPCCHAN_RING_CONSUMER,
};

/*
 * Nobody sleeps on this ring: both sides spin.  It spares the producer and the
 * consumer the full fence that a sleeping peer needs.
 */
#define IPCCHAN_RING_SPIN	(1U << 0)

#define IPCCHAN_RING_MAGIC	0x52435049U	/* "IPCR" */
#define IPCCHAN_RING_LAYOUT	1U
#define IPCCHAN_RING_MIN_CAPACITY	64U

#define IPCCHAN_RING_REC_MSG	0x4d53U		/* a message */
#define IPCCHAN_RING_REC_PAD	0x5041U		/* skip to the end of the data */
#define IPCCHAN_RING_REC_HDR	8U		/* bytes before the message */

/**
 * struct ipcchan_ring_shared - what the two sides share, at the start of the memory
 * @magic: IPCCHAN_RING_MAGIC, written last
 * @layout: IPCCHAN_RING_LAYOUT
 * @capacity: bytes of the data area, a power of two
 * @flags: IPCCHAN_RING_*
 * @tail: position behind the last published message, written by the producer
 * @head: position of the oldest message, written by the consumer
 * @waiting: by enum ipcchan_ring_side, 1 while that side sleeps or is about to
 * @reserved0: zero, as are the others
 * @reserved1: the rest of the producer's line
 * @reserved2: the rest of the consumer's line
 * @reserved3: the rest of the line of both
 * @data: the data area
 *
 * A line of 128 bytes holds only what one side writes, and two lines of 64 that
 * are fetched together are one line of 128.
 */
struct ipcchan_ring_shared {
	uint32_t magic;
	uint32_t layout;
	uint64_t capacity;
	uint32_t flags;
	uint32_t reserved0[27];
	uint64_t tail;
	uint64_t reserved1[15];
	uint64_t head;
	uint64_t reserved2[15];
	uint32_t waiting[2];
	uint32_t reserved3[30];
	char data[];
};

/* the first word of a record; the same memory holds messages of any type */
typedef uint64_t __attribute__((__may_alias__)) ipcchan_ring_word;

/**
 * struct ipcchan_ring - one side's handle; all fields are private
 * @own: this side's position
 * @limit: how far @own may go, by what is known of the peer: for the producer
 *	head + capacity, for the consumer tail
 * @end: @own after the pending commit or release, @own when none is pending
 * @data: the data area
 * @mask: capacity - 1
 * @max_len: longest message, bytes
 * @own_index: where @own is published
 * @peer_index: where the peer publishes
 * @bias: what @limit adds to the peer's position
 * @peer_waiting: the peer's waiting word
 * @flags: IPCCHAN_RING_*, as they were at attach
 * @err: 0, or the error that every call returns
 * @own_waiting: this side's waiting word
 * @bell: what to sleep on
 * @side: which side this is
 */
struct ipcchan_ring {
	uint64_t own;
	uint64_t limit;
	uint64_t end;
	char *data;
	uint64_t mask;
	uint64_t max_len;
	uint64_t *own_index;
	const uint64_t *peer_index;
	uint64_t bias;
	uint32_t *peer_waiting;
	uint32_t flags;
	int err;
	uint32_t *own_waiting;
	struct ipcchan_bell bell;
	enum ipcchan_ring_side side;
};

/**
 * ipcchan_ring_mem_size() - bytes of shared memory for a ring
 * @capacity: bytes of messages with their headers, rounded up to a power of two
 *	and to IPCCHAN_RING_MIN_CAPACITY
 *
 * Return: bytes, 0 when @capacity is 0 or too large (above 4 GiB; 1 GiB where
 * size_t has 32 bits).
 */
size_t ipcchan_ring_mem_size(size_t capacity);

/**
 * ipcchan_ring_format() - make an empty ring, before either side attaches
 * @mem: 64-aligned
 * @size: bytes at @mem; the largest power of two that fits is the capacity
 * @flags: IPCCHAN_RING_*
 *
 * Return: 0; -EINVAL (alignment, size too small, unknown flag).
 */
int ipcchan_ring_format(void *mem, size_t size, uint32_t flags);

/**
 * ipcchan_ring_attach() - become one side of a formatted ring
 * @ring: out
 * @mem: 64-aligned and writable, by the consumer too, who writes its position:
 *	over a channel's buffer both sides need IPCCHAN_ROLE_SEND
 * @size: bytes at @mem, at least those that the ring was formatted with
 * @side: which one; each is one thread's at a time
 * @bell: what to sleep on, copied; NULL for a ring with IPCCHAN_RING_SPIN
 *
 * A side may be given up and attached again, by another process: it goes on
 * where the last one stopped.  What had been published is there, what had only
 * been reserved is not.  A sleeping peer is woken: the last holder of this side
 * may have died between publishing and waking.
 *
 * Return: 0; -EINVAL (alignment, side, no bell), -EPROTO (not a ring, other
 * layout, larger than @size), -EBADMSG, or what the bell's wake says.
 */
int ipcchan_ring_attach(struct ipcchan_ring *ring, void *mem, size_t size,
			enum ipcchan_ring_side side,
			const struct ipcchan_bell *bell);

/**
 * ipcchan_ring_wait() - sleep until the ring may be worth another try
 * @ring: either side's handle
 * @len: producer: bytes wanted; consumer: ignored
 * @timeout_ns: nanoseconds, IPCCHAN_WAIT_FOREVER for none
 *
 * Sleeps at most once, and may return early.  Spins on a ring with
 * IPCCHAN_RING_SPIN, where no signal ends it.
 *
 * Return: 0; -ETIMEDOUT, -EINTR, -EMSGSIZE, -EINVAL (@timeout_ns below
 * IPCCHAN_WAIT_FOREVER), -EBADMSG, or what the bell's wait says.
 */
int ipcchan_ring_wait(struct ipcchan_ring *ring, size_t len, int64_t timeout_ns);

/**
 * ipcchan_ring_send() - copy one message in, waiting for room
 * @ring: the producer's handle
 * @msg: what to send
 * @len: bytes, 1 to ipcchan_ring_max_len()
 * @timeout_ns: nanoseconds in all, 0 to try once, IPCCHAN_WAIT_FOREVER
 *
 * Return: 0; as ipcchan_ring_reserve(), ipcchan_ring_wait() and
 * ipcchan_ring_commit(), but -ETIMEDOUT instead of -EAGAIN.
 */
int ipcchan_ring_send(struct ipcchan_ring *ring, const void *msg, size_t len,
		      int64_t timeout_ns);

/**
 * ipcchan_ring_recv() - copy one message out, waiting for it
 * @ring: the consumer's handle
 * @buf: out, the message
 * @size: bytes of room at @buf
 * @timeout_ns: as for ipcchan_ring_send()
 *
 * Return: bytes; -EMSGSIZE (it is longer than @size and stays), as
 * ipcchan_ring_peek() and ipcchan_ring_wait(), but -ETIMEDOUT instead of
 * -EAGAIN.
 */
ssize_t ipcchan_ring_recv(struct ipcchan_ring *ring, void *buf, size_t size,
			  int64_t timeout_ns);

/**
 * ipcchan_ring_arm() - have the peer ring when the ring is worth another try
 * @ring: either side's handle
 * @len: as for ipcchan_ring_wait()
 *
 * For a side that sleeps elsewhere, in epoll_wait() or io_uring.  Its word,
 * ipcchan_ring_bell_word(), is 1 from then on; the peer sets it to 0 and wakes it.  So
 * ipcchan_bell_watch() for 1, or ipcchan_bell_eventfd(), is called once, before the
 * first arm, and then in each turn of the loop
 *
 *	take all that there is; arm; if it says 1, sleep; disarm
 *
 * loses no wake-up.  What is watched and not armed has POLLPRI.
 *
 * Return: 1 (armed); 0 (not armed: look at the ring again); -EOPNOTSUPP (a ring with
 * IPCCHAN_RING_SPIN, whose peer wakes nobody), -EMSGSIZE, -EBADMSG.
 */
int ipcchan_ring_arm(struct ipcchan_ring *ring, size_t len);

/**
 * ipcchan_ring_disarm() - undo ipcchan_ring_arm()
 * @ring: either side's handle
 *
 * Spares the peer a wake-up that nobody needs.
 */
void ipcchan_ring_disarm(struct ipcchan_ring *ring);

/**
 * ipcchan_ring_bell_word() - the word that the peer rings
 * @ring: either side's handle
 *
 * Return: its address, for ipcchan_bell_watch() and ipcchan_bell_eventfd().
 */
static inline const uint32_t *ipcchan_ring_bell_word(const struct ipcchan_ring *ring)
{
	return ring->own_waiting;
}

/* The next two are out-of-line parts of what follows, not to be called directly. */

/**
 * ipcchan_ring_fail() - make an error that of every later call
 * @ring: either side's handle
 * @err: negative errno
 *
 * Return: @err.
 */
int ipcchan_ring_fail(struct ipcchan_ring *ring, int err);

/**
 * ipcchan_ring_wake() - wake the peer if it sleeps
 * @ring: either side's handle
 *
 * Return: 0, or what the bell's wake says.
 */
int ipcchan_ring_wake(struct ipcchan_ring *ring);

/**
 * ipcchan_ring_relax() - one turn of a loop that polls a ring without sleeping
 */
static inline void ipcchan_ring_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__) || (defined(__arm__) && __ARM_ARCH >= 7)
	__asm__ __volatile__("yield" ::: "memory");
#else
	__asm__ __volatile__("" ::: "memory");
#endif
}

/**
 * ipcchan_ring_max_len() - longest message that the ring takes
 * @ring: either side's handle
 *
 * A longer one might never fit: in a ring that is empty, but whose position is
 * just behind the middle of the data area.
 *
 * Return: bytes.
 */
static inline size_t ipcchan_ring_max_len(const struct ipcchan_ring *ring)
{
	return (size_t)ring->max_len;
}

/* bytes of the record of a message of @len bytes, which is at most max_len */
static inline uint64_t ipcchan_ring_rec_size(uint64_t len)
{
	return IPCCHAN_RING_REC_HDR + ((len + 7) & ~(uint64_t)7);
}

/* bytes from @pos to the end of the data area */
static inline uint64_t ipcchan_ring_contig(const struct ipcchan_ring *ring,
					   uint64_t pos)
{
	return ring->mask + 1 - (pos & ring->mask);
}

static inline ipcchan_ring_word *ipcchan_ring_at(const struct ipcchan_ring *ring,
						 uint64_t pos)
{
	return (ipcchan_ring_word *)(void *)(ring->data + (pos & ring->mask));
}

/*
 * Take note of the peer's position, a private copy that nobody has checked.  A
 * position that is unaligned, behind what the peer had said before or further
 * than the ring is long is refused; so own + 0 to capacity bounds @limit.
 */
static inline int ipcchan_ring_look(struct ipcchan_ring *ring, uint64_t index)
{
	uint64_t limit = index + ring->bias;
	uint64_t avail = limit - ring->own;

	if (__builtin_expect(avail > ring->mask + 1 || (index & 7) ||
			     avail < ring->limit - ring->own, 0)) {
		ipcchan_ring_fail(ring, -EBADMSG);
		return -EBADMSG;
	}
	ring->limit = limit;
	return 0;
}

/*
 * Is there @want bytes from @own to the limit?  The peer's line is only touched
 * when the answer by the copy is no.
 */
static inline int ipcchan_ring_has(struct ipcchan_ring *ring, uint64_t want)
{
	int ret;

	if (ring->limit - ring->own >= want)
		return 0;
	ret = ipcchan_ring_look(ring, __atomic_load_n(ring->peer_index,
						      __ATOMIC_ACQUIRE));
	if (ret)
		return ret;
	return ring->limit - ring->own >= want ? 0 : -EAGAIN;
}

/* bytes that a record of @need bytes takes at @own, with the padding before it */
static inline uint64_t ipcchan_ring_span(const struct ipcchan_ring *ring,
					 uint64_t need)
{
	uint64_t contig = ipcchan_ring_contig(ring, ring->own);

	return need <= contig ? need : contig + need;
}

/* publish @end; see "Orders" above */
static inline int ipcchan_ring_publish(struct ipcchan_ring *ring)
{
	if (__builtin_expect(ring->end == ring->own, 0))
		return ring->err ? ring->err : -EINVAL;
	ring->own = ring->end;
	if (ring->flags & IPCCHAN_RING_SPIN) {
		__atomic_store_n(ring->own_index, ring->own, __ATOMIC_RELEASE);
		return 0;
	}
	__atomic_store_n(ring->own_index, ring->own, __ATOMIC_SEQ_CST);
	if (__builtin_expect(!__atomic_load_n(ring->peer_waiting,
					      __ATOMIC_SEQ_CST), 1))
		return 0;
	return ipcchan_ring_wake(ring);
}

/**
 * ipcchan_ring_reserve() - room to build the next message in place
 * @ring: the producer's handle
 * @len: bytes, 1 to ipcchan_ring_max_len()
 * @msg: out, 8-aligned, @len bytes that the consumer does not see yet
 *
 * Return: 0; -EAGAIN (full), -EMSGSIZE, -EBADMSG.  A second reserve before the
 * commit replaces the first.
 */
static inline int ipcchan_ring_reserve(struct ipcchan_ring *ring, size_t len,
				       void **msg)
{
	ipcchan_ring_word *rec;
	uint64_t need, span;
	int ret;

	if (__builtin_expect(ring->err < 0, 0))
		return ring->err;
	if (__builtin_expect((uint64_t)len - 1 >= ring->max_len, 0))
		return -EMSGSIZE;
	need = ipcchan_ring_rec_size(len);
	span = ipcchan_ring_span(ring, need);
	ret = ipcchan_ring_has(ring, span);
	if (__builtin_expect(ret, 0))
		return ret;
	/* relaxed: the commit orders these; the peer may be reading wildly */
	if (__builtin_expect(span != need, 0))
		__atomic_store_n(ipcchan_ring_at(ring, ring->own),
				 (uint64_t)IPCCHAN_RING_REC_PAD << 32 |
				 (span - need - IPCCHAN_RING_REC_HDR),
				 __ATOMIC_RELAXED);
	rec = ipcchan_ring_at(ring, ring->own + span - need);
	__atomic_store_n(rec, (uint64_t)IPCCHAN_RING_REC_MSG << 32 | len,
			 __ATOMIC_RELAXED);
	ring->end = ring->own + span;
	*msg = rec + 1;
	return 0;
}

/**
 * ipcchan_ring_commit() - publish the reserved message, wake a sleeping consumer
 * @ring: the producer's handle
 *
 * Return: 0; -EINVAL (nothing reserved), or what the bell's wake says: the
 * message is published all the same, and every later call says so again.
 */
static inline int ipcchan_ring_commit(struct ipcchan_ring *ring)
{
	return ipcchan_ring_publish(ring);
}

/**
 * ipcchan_ring_peek() - the oldest message, in place
 * @ring: the consumer's handle
 * @msg: out, 8-aligned, valid until ipcchan_ring_release()
 *
 * A hostile producer may change the bytes while they are read, though not
 * their number: copy what is checked and then used.
 *
 * Return: bytes; -EAGAIN (empty), -EBADMSG.
 */
static inline ssize_t ipcchan_ring_peek(struct ipcchan_ring *ring,
					const void **msg)
{
	uint64_t pos = ring->own, word, len, need;
	int ret;

	if (__builtin_expect(ring->err < 0, 0))
		return ring->err;
	ret = ipcchan_ring_has(ring, 1);
	if (ret)
		return ret;
	word = __atomic_load_n(ipcchan_ring_at(ring, pos), __ATOMIC_RELAXED);
	if (__builtin_expect(word >> 32 == IPCCHAN_RING_REC_PAD, 0)) {
		/* published together with what is behind it, at offset 0 */
		need = ipcchan_ring_contig(ring, pos);
		if ((uint32_t)word != need - IPCCHAN_RING_REC_HDR ||
		    need >= ring->limit - pos)
			goto bad;
		pos += need;
		word = __atomic_load_n(ipcchan_ring_at(ring, pos),
				       __ATOMIC_RELAXED);
	}
	len = (uint32_t)word;
	need = ipcchan_ring_rec_size(len);
	if (__builtin_expect(word >> 32 != IPCCHAN_RING_REC_MSG ||
			     len - 1 >= ring->max_len ||
			     need > ring->limit - pos ||
			     need > ipcchan_ring_contig(ring, pos), 0))
		goto bad;
	ring->end = pos + need;
	*msg = ipcchan_ring_at(ring, pos) + 1;
	return (ssize_t)len;

bad:
	ipcchan_ring_fail(ring, -EBADMSG);
	return -EBADMSG;
}

/**
 * ipcchan_ring_release() - give the peeked message back, wake a sleeping producer
 * @ring: the consumer's handle
 *
 * Return: 0; -EINVAL (nothing peeked), or as ipcchan_ring_commit().
 */
static inline int ipcchan_ring_release(struct ipcchan_ring *ring)
{
	return ipcchan_ring_publish(ring);
}

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* IPCCHAN_RING_H */
