/* SPDX-License-Identifier: MIT */
/*
 * What the rings for several producers and consumers have in common: slots that
 * are claimed by position, and participants whose death the kernel proves.  It is
 * used through <ipcchan/mring.h> and <ipcchan/bring.h>.  A handle may be used by
 * one thread at a time.
 *
 * Slots.  Position p, a count of 48 bits, is in slot p modulo the number of slots,
 * a power of two.  The slot begins with a word {lap, state, length}: the lap is p
 * divided by the number of slots.  So a slot says for which position it is free or
 * has a message, and no slot looks the same twice within 2^40 laps.
 *
 * Claims.  A side has one cursor word {position, owner, count}: all before the
 * position is claimed, the last @count positions by @owner, a participant's number.
 * One compare-and-swap claims up to IPCCHAN_CLAIM_BATCH positions, and with it
 * says by whom: no instruction lies between a claim and its attribution.  The
 * word only names the last claim.  Before anybody moves it on, that claim
 * must be in the owner's entry of the table: the owner writes it there, and who comes
 * before him does it in his place.  A helper loads the entry's claim, looks whether the
 * cursor is still the same, so that this claim is none of those to come, and
 * changes it by compare-and-swap; since positions do not come twice, one that was held up
 * changes nothing.  A claim stays in the entry when it is done with: the slots tell
 * whether it is.
 *
 * Death.  Participant i holds a lock on byte i of a file, through an open file
 * description of its own: the kernel takes it back when the last descriptor
 * of it is closed, so when the process has ended by whatever means, and all its
 * stores to memory are done by then.  Who gets the lock has the proof, and is the
 * only one to repair what i had claimed, until he unlocks or dies himself.  A
 * participant that is only stopped keeps its lock, and its slots.
 * Neither a time-out nor a word in the shared memory is a proof.  (A robust mutex
 * is one, but its list runs through the shared memory, where a hostile
 * peer could bend it.)  A child of fork() shares the lock: see ipcchan_claim_life.
 *
 * Messages that a dead consumer had not released are a consumer's to give out again.  A
 * producer that finds them says so in a word that each consumer looks at before it
 * claims: one that is busy and never waits would not find them.
 *
 * Orders.  A slot's word is stored with release order behind the bytes, and loaded with
 * acquire order before them, both ways: so a consumer finds the message, and
 * a producer writes only what is read to the end.  A cursor moves with release order
 * behind the record of the claim before, and is loaded with acquire order: who sees an
 * owner in it finds the claims of all owners before in their entries.  A claim is written
 * with release order behind the move of the cursor, and loaded with acquire
 * order before the helper's second look at it.  That look has acquire order, too: who
 * finds the cursor moved on reads the entry only then, and finds the claim in it.
 *
 * Where somebody may sleep, these run, all sequentially consistent:
 *
 *	publish:	store slot; load sleepers; if any, wake one
 *	claim:		move cursor; load sleepers; if any, load next slot; if ready, wake one
 *	sleep:		set own bit in sleepers; load cursor and its slot; if not ready, sleep
 *
 * In their single order either the sleeper's loads come behind a store that it
 * waits for, and it does not sleep, or the store's thread finds its bit.  The second line
 * is for slots that are published out of order: the one who is woken for the first
 * passes the wake on.  Each participant sleeps on a word of its own; who clears its bit
 * clears the word and wakes it, so one system call wakes one sleeper.  Readers of a broadcast
 * share one, and are woken together: it is a number that each wake makes another one, so
 * that who was about to sleep does not, though others are by then.  A wake that died with
 * its waker, or went to one that has died, is made up for: no sleep is longer
 * than IPCCHAN_CLAIM_NAP_NS, and who waits looks for the dead as often, however often
 * it is woken in between, and whatever comes meanwhile.  Waits do not count that are over
 * before they ask for the time.
 *
 * Trust.  As with the other ring: what is in shared memory is loaded once for
 * each decision into a private copy, which is checked and used.
 */
#ifndef IPCCHAN_CLAIM_H
#define IPCCHAN_CLAIM_H

#include <errno.h>

#include <ipcchan.h>
#include <ipcchan/peer.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#if __GCC_ATOMIC_LLONG_LOCK_FREE != 2
#error "a lock-free 64-bit atomic is needed: one with a lock is not shared by processes"
#endif

#define IPCCHAN_CLAIM_PEERS	64U	/* participants of a ring at a time */
#define IPCCHAN_CLAIM_BATCH	64U	/* positions in one claim */
#define IPCCHAN_CLAIM_SPIN	(1U << 0)	/* flag: nobody sleeps on this ring */
#define IPCCHAN_CLAIM_NAP_NS	1000000000LL	/* longest between two looks for the dead */

/* of the table, and of handles */
enum ipcchan_claim_side {
	IPCCHAN_CLAIM_PRODUCER,
	IPCCHAN_CLAIM_CONSUMER,
};

/* how a side looks at slots: a broadcast's producer waits for no reader */
enum ipcchan_claim_mode {
	IPCCHAN_CLAIM_PRODUCE,
	IPCCHAN_CLAIM_CONSUME,
	IPCCHAN_CLAIM_BROADCAST,
};

/* states of a slot */
#define IPCCHAN_SLOT_FREE	0U	/* for this lap's producer */
#define IPCCHAN_SLOT_READY	1U	/* a message */
#define IPCCHAN_SLOT_SKIP	2U	/* its producer gave it up, or died */
#define IPCCHAN_SLOT_WRITING	3U	/* of a broadcast: what was there is gone */

#define IPCCHAN_SLOT_LAP_SHIFT	24
#define IPCCHAN_SLOT_STATE_SHIFT 22
#define IPCCHAN_SLOT_LEN_MASK	0x3fffffU
#define IPCCHAN_SLOT_HDR	8U	/* bytes before the message */

#define IPCCHAN_CURSOR_POS_SHIFT 16
#define IPCCHAN_CURSOR_OWNER_SHIFT 8
#define IPCCHAN_CURSOR_COUNT_MASK 0xffU

#if defined(__SANITIZE_THREAD__)
#define IPCCHAN_CLAIM_TSAN
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define IPCCHAN_CLAIM_TSAN
#endif
#endif

/* how many positions before a slot is claimed it is fetched into the cache */
#define IPCCHAN_CLAIM_AHEAD	8U

/* turns of a loop in which others may always be faster */
#define IPCCHAN_CLAIM_TRIES	64

/**
 * struct ipcchan_claim_life - where the kernel keeps who is alive
 * @fd: open file that each participant names: the memfd or file of the ring's
 *	memory, or for anonymous memory any memfd; borrowed, only for the call
 * @start: first of IPCCHAN_CLAIM_PEERS bytes whose locks are used.  They need not
 *	exist.  Each ring of one file has its own: where the ring begins will do.
 *	In a channel's buffer it is a descriptor of the channel, whose locks nobody
 *	can take who may not write that buffer.
 *
 * Each handle opens the file anew, through /proc, for a lock of its own, and of a channel
 * is one more endpoint with IPCCHAN_ROLE_SEND, which the channel's mode has to allow.  The
 * ring knows the file it was formatted with and refuses another, as the device file
 * of another container would be, whose locks prove nothing; of a channel it knows the id,
 * which is one channel's only within a network namespace.  Locks of the
 * kind F_OFD_SETLK are used, which other locks of the same process do not disturb.
 *
 * The descriptor is closed by exec.  After fork() it is open in the child too, and the
 * participant alive as long as one of the two is, unless it detaches: the child calls
 * ipcchan_mring_close() or ipcchan_bring_close() for what it does not use.
 */
struct ipcchan_claim_life {
	int fd;
	int64_t start;
};

/**
 * struct ipcchan_claim_cursor - how far one side has claimed
 * @word: {position: 48, owner: 8, count: 8}; owner is an index in the table
 *	and 1, 0 for nobody
 * @reserved: the rest of the line
 */
struct ipcchan_claim_cursor {
	uint64_t word;
	uint64_t reserved[15];
};

/**
 * struct ipcchan_claim_woken - hints for one who sleeps, by who wakes it
 * @ns: CLOCK_MONOTONIC when last it was woken
 * @cpu: 1 + the CPU of who did, 0 when that is not known
 * @reserved: zero
 */
struct ipcchan_claim_woken {
	uint64_t ns;
	uint32_t cpu;
	uint32_t reserved;
};

/**
 * struct ipcchan_claim_peer - a participant's entry
 * @role: enum ipcchan_claim_side and 1; 0 when it is not used
 * @waiting: 1 while it sleeps or is about to
 * @claim: by enum ipcchan_claim_side, the last claim, {first position: 48, 0: 8, count: 8};
 *	one for each, for a cursor may tell of an owner whose entry is by now another's, on
 *	the other side
 * @woken: when it slept
 * @reserved: the rest of the line
 */
struct ipcchan_claim_peer {
	uint32_t role;
	uint32_t waiting;
	uint64_t claim[2];
	struct ipcchan_claim_woken woken;
	uint64_t reserved[11];
};

/**
 * struct ipcchan_claim_shared - the start of the shared memory
 * @magic: which kind of ring, written last
 * @layout: its version
 * @flags: of the ring
 * @slot_size: bytes of a slot with its word, a multiple of 64
 * @slots: their number, a power of two
 * @life_id: of the channel whose locks are used, 0 for a file
 * @life_dev: device of the file whose locks are used, as stat() tells it
 * @life_ino: its inode
 * @life_start: first byte that is locked
 * @reserved1: the rest of the line; zero, as are the others
 * @cursor: by enum ipcchan_claim_side
 * @sleepers: by enum ipcchan_claim_side, a bit for each that sleeps
 * @readers: odd while a reader of a broadcast sleeps or is about to; who wakes them adds 1
 * @orphans: 1 when a dead consumer's messages have been found, for consumers to look
 * @readers_woken: when they slept
 * @reserved2: the rest of the line
 * @peers: the participants
 * @data: the slots
 */
struct ipcchan_claim_shared {
	uint32_t magic;
	uint32_t layout;
	uint32_t flags;
	uint32_t slot_size;
	uint32_t slots;
	uint32_t life_id;
	uint64_t life_dev;
	uint64_t life_ino;
	int64_t life_start;
	uint64_t reserved1[10];
	struct ipcchan_claim_cursor cursor[2];
	uint64_t sleepers[2];
	uint32_t readers;
	uint32_t orphans;
	struct ipcchan_claim_woken readers_woken;
	uint64_t reserved2[11];
	struct ipcchan_claim_peer peers[IPCCHAN_CLAIM_PEERS];
#ifndef __cplusplus
	char data[];	/* C++ has no such member */
#endif
};

/* the first word of a slot; the same memory holds messages of any type */
typedef uint64_t __attribute__((__may_alias__)) ipcchan_slot_word;

/**
 * struct ipcchan_claim - a participant's handle; all fields are private
 * @cursor: of its side
 * @own: its entry, NULL for a reader of a broadcast
 * @last: what its cursor said when it last looked; a reader's: the pending message's word
 * @limit: up to which position slots are worth fetching ahead
 * @looked: its position when it last looked for @limit
 * @data: the slots
 * @mask: their number - 1
 * @pos: first position of the pending claim
 * @slot: its slot
 * @slot_size: bytes of a slot
 * @shift: from a position to its lap
 * @count: positions of the pending claim
 * @owner: its index in the table and 1, 0 for a reader of a broadcast
 * @flags: of the ring, as they were at attach
 * @err: 0, or the error that every call returns
 * @max_len: longest message, bytes
 * @side: which side this is
 * @mode: how it looks at slots
 * @again: the pending message had been given to one that died
 * @adopted: whose claim is given out again, as @owner; 0 for nobody's
 * @adopt_pos: the next position of that claim
 * @adopt_end: behind its last one
 * @shared: the shared memory
 * @bell: what to sleep on, and who is told of corruption
 * @fd: holds the lock, owned; -1 for a reader that cannot repair
 * @life_start: the first locked byte
 * @wait: what it does while it waits
 * @spin: how long it spins before it sleeps
 * @look_ns: when a wait looks for the dead next, CLOCK_MONOTONIC; 0 before the first wait
 * @look_gap_ns: from one look to the next
 * @look_pos: the position that these are of
 * @looked_ns: when a wait last did, or was the first
 */
struct ipcchan_claim {
	struct ipcchan_claim_cursor *cursor;
	struct ipcchan_claim_peer *own;
	uint64_t last;
	uint64_t limit;
	uint64_t looked;
	char *data;
	uint64_t mask;
	uint64_t pos;
	ipcchan_slot_word *slot;
	uint32_t slot_size;
	uint32_t shift;
	uint32_t count;
	uint32_t owner;
	uint32_t flags;
	int err;
	uint32_t max_len;
	enum ipcchan_claim_side side;
	enum ipcchan_claim_mode mode;
	uint32_t again;
	uint32_t adopted;
	uint64_t adopt_pos;
	uint64_t adopt_end;
	struct ipcchan_claim_shared *shared;
	struct ipcchan_bell bell;
	int fd;
	int64_t life_start;
	enum ipcchan_wait_mode wait;
	struct ipcchan_spin spin;
	int64_t look_ns;
	int64_t look_gap_ns;
	uint64_t look_pos;
	int64_t looked_ns;
};

/* The next three are out-of-line parts of what follows, not to be called directly. */

/**
 * ipcchan_claim_fail() - make an error that of every later call
 * @c: handle
 * @err: negative errno
 *
 * Return: @err.
 */
int ipcchan_claim_fail(struct ipcchan_claim *c, int err);

/**
 * ipcchan_claim_wake() - wake sleepers of a side
 * @c: handle
 * @side: whom
 * @count: at most so many
 *
 * Return: 0, or what the bell's wake says.
 */
int ipcchan_claim_wake(struct ipcchan_claim *c, enum ipcchan_claim_side side,
		       uint32_t count);

/**
 * ipcchan_claim_record() - write the last claim into its owner's entry
 * @c: handle
 * @side: whose cursor
 * @word: what it said
 *
 * Return: 0; -EAGAIN, it says something else now; -EBADMSG.
 */
int ipcchan_claim_record(struct ipcchan_claim *c, enum ipcchan_claim_side side,
			 uint64_t word);

/* the word of @pos's slot in this state */
static inline uint64_t ipcchan_slot_make(const struct ipcchan_claim *c, uint64_t pos,
					 uint32_t state, uint32_t len)
{
	/* the first shifts leave the 48 bits of a position */
	return (pos << IPCCHAN_CURSOR_POS_SHIFT >> IPCCHAN_CURSOR_POS_SHIFT >> c->shift)
		<< IPCCHAN_SLOT_LAP_SHIFT |
		(uint64_t)state << IPCCHAN_SLOT_STATE_SHIFT | len;
}

static inline uint32_t ipcchan_slot_state(uint64_t word)
{
	return (uint32_t)(word >> IPCCHAN_SLOT_STATE_SHIFT) & 3;
}

static inline uint32_t ipcchan_slot_len(uint64_t word)
{
	return (uint32_t)word & IPCCHAN_SLOT_LEN_MASK;
}

/* is @word of the lap of @pos? */
static inline int ipcchan_slot_is_of(const struct ipcchan_claim *c, uint64_t word,
				     uint64_t pos)
{
	return !((word ^ ipcchan_slot_make(c, pos, 0, 0)) >> IPCCHAN_SLOT_LAP_SHIFT);
}

static inline ipcchan_slot_word *ipcchan_slot_at(const struct ipcchan_claim *c,
						 uint64_t pos)
{
	return (ipcchan_slot_word *)(void *)(c->data + (pos & c->mask) * c->slot_size);
}

/*
 * Is the slot of @pos, which nobody has claimed, ready for @mode by its @word?  Return:
 * 1; 0, not yet; -1 when that cannot be, so @pos has been claimed in the meantime.
 */
static inline int ipcchan_claim_judge(const struct ipcchan_claim *c,
				      enum ipcchan_claim_mode mode, uint64_t pos,
				      uint64_t word)
{
	uint32_t state = ipcchan_slot_state(word);

	if (mode == IPCCHAN_CLAIM_BROADCAST) {
		if (__builtin_expect(ipcchan_slot_is_of(c, word, pos - c->mask - 1), 1))
			return state != IPCCHAN_SLOT_WRITING;
		/* claimed a lap before, and not even begun? */
		return ipcchan_slot_is_of(c, word, pos - 2 * (c->mask + 1)) ? 0 : -1;
	}
	if (mode == IPCCHAN_CLAIM_PRODUCE) {
		if (__builtin_expect(word == ipcchan_slot_make(c, pos, 0, 0), 1))
			return 1;
	} else if (ipcchan_slot_is_of(c, word, pos)) {
		return state == IPCCHAN_SLOT_READY || state == IPCCHAN_SLOT_SKIP;
	}
	return ipcchan_slot_is_of(c, word, pos - c->mask - 1) ? 0 : -1;
}

static inline int ipcchan_claim_look(const struct ipcchan_claim *c,
				     enum ipcchan_claim_mode mode, uint64_t pos, int order)
{
	return ipcchan_claim_judge(c, mode, pos,
				   __atomic_load_n(ipcchan_slot_at(c, pos), order));
}

/* ThreadSanitizer knows no fences; what else orders like one where it runs, it knows. */
static inline void ipcchan_claim_fence(int order)
{
#ifdef IPCCHAN_CLAIM_TSAN
	int nothing = 0;

	(void)order;
	__atomic_fetch_add(&nothing, 0, __ATOMIC_SEQ_CST);
#else
	__atomic_thread_fence(order);
#endif
}

/* an entry's word of @count positions from @pos on */
static inline uint64_t ipcchan_claim_make(uint64_t pos, uint32_t count)
{
	return pos << IPCCHAN_CURSOR_POS_SHIFT | count;
}

/*
 * Fetch the slots of @count positions from @pos on: each is about to be written here, a
 * consumer's too, for it will be given back.  That pays only for what the other side is
 * done with, so it ends where its cursor was when it was last looked at.  Positions that
 * wrap make it fetch too much or too little for a while, no more.
 */
static inline void ipcchan_claim_fetch(struct ipcchan_claim *c, enum ipcchan_claim_mode mode,
				       uint64_t pos, uint32_t count)
{
	const char *slot;
	uint32_t i;

	if (mode != IPCCHAN_CLAIM_BROADCAST && (int64_t)(pos + count - c->limit) > 0) {
		/* the other side's line is not to be had for nothing */
		if (pos - c->looked < IPCCHAN_CLAIM_AHEAD)
			return;
		c->looked = pos;
		c->limit = __atomic_load_n(&c->shared->cursor[!c->side].word,
					   __ATOMIC_RELAXED) >> IPCCHAN_CURSOR_POS_SHIFT;
		if (mode == IPCCHAN_CLAIM_PRODUCE)
			c->limit += c->mask + 1;
		return;
	}
	for (i = 0; i < count; i++) {
		slot = (const char *)ipcchan_slot_at(c, pos + i);
#if defined(__x86_64__)
		/* which the compiler makes of it only if told that every processor has it */
		__asm__ __volatile__("prefetchw %0" : : "m" (*slot));
		if (c->slot_size > 64 && mode != IPCCHAN_CLAIM_CONSUME)
			__asm__ __volatile__("prefetchw %0" : : "m" (slot[64]));
#else
		__builtin_prefetch(slot, 1);
		if (c->slot_size > 64 && mode != IPCCHAN_CLAIM_CONSUME)
			__builtin_prefetch(slot + 64, 1);
#endif
		if (c->slot_size > 64 && mode == IPCCHAN_CLAIM_CONSUME)
			__builtin_prefetch(slot + 64);
	}
}

/*
 * Claim up to @most positions, which become the pending ones.  It begins where the last
 * claim ended: when nobody has claimed since, the slot is at hand before the cursor is.
 * Return: how many; -EAGAIN (none is ready, or others were always faster), -EBADMSG.
 */
static inline __attribute__((__always_inline__)) int
ipcchan_claim_take(struct ipcchan_claim *c, enum ipcchan_claim_mode mode, uint32_t most)
{
	ipcchan_slot_word *slot;
	uint64_t word = c->last, pos, next;
	uint32_t n;
	int look, tries;

	for (tries = 0; tries < IPCCHAN_CLAIM_TRIES; tries++) {
		pos = word >> IPCCHAN_CURSOR_POS_SHIFT;
		slot = ipcchan_slot_at(c, pos);
		look = ipcchan_claim_judge(c, mode, pos,
					   __atomic_load_n(slot, __ATOMIC_ACQUIRE));
		if (!look)
			return -EAGAIN;
		if (__builtin_expect(look < 0, 0)) {
			next = __atomic_load_n(&c->cursor->word, __ATOMIC_ACQUIRE);
			if (next == word)
				return ipcchan_claim_fail(c, -EBADMSG);
			word = next;
			continue;
		}
		for (n = 1; n < most; n++)
			if (ipcchan_claim_look(c, mode, pos + n, __ATOMIC_ACQUIRE) <= 0)
				break;
		/* one's own last claim is in one's entry */
		if (((word >> IPCCHAN_CURSOR_OWNER_SHIFT) & 0xff) != c->owner &&
		    ipcchan_claim_record(c, c->side, word)) {
			if (c->err < 0)
				return c->err;
			word = __atomic_load_n(&c->cursor->word, __ATOMIC_ACQUIRE);
			continue;
		}
		next = (pos + n) << IPCCHAN_CURSOR_POS_SHIFT |
			c->owner << IPCCHAN_CURSOR_OWNER_SHIFT | n;
		if (!__atomic_compare_exchange_n(&c->cursor->word, &word, next, 0,
						 __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE))
			continue;
		/* who finds it finds the cursor moved */
		__atomic_store_n(&c->own->claim[c->side], ipcchan_claim_make(pos, n),
				 __ATOMIC_RELEASE);
		c->last = next;
		c->pos = pos;
		c->slot = slot;
		c->count = n;
		ipcchan_claim_fetch(c, mode, pos + n - 1 + IPCCHAN_CLAIM_AHEAD, n);
		if (!(c->flags & IPCCHAN_CLAIM_SPIN) &&
		    __builtin_expect(__atomic_load_n(&c->shared->sleepers[c->side],
						     __ATOMIC_SEQ_CST) != 0, 0) &&
		    ipcchan_claim_look(c, mode, pos + n, __ATOMIC_SEQ_CST) > 0)
			ipcchan_claim_wake(c, c->side, 1);
		return (int)n;
	}
	return -EAGAIN;
}

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* IPCCHAN_CLAIM_H */
