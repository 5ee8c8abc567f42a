/* SPDX-License-Identifier: MIT */
/*
 * How one side of a ring waits for the other: what the rings of this library have
 * in common.  Not to be included by itself: the rings' own headers say what
 * threads may do.
 *
 * Two threads run
 *
 *	this side:	publish; full fence; load the peer's waiting word; if 1, wake
 *	sleeping peer:	store waiting = 1; full fence; look again; if still
 *			nothing, sleep
 *
 * Of the two fences one is before the other in the order of all, so that one of
 * the two loads behind them is behind the other side's store: at least one side
 * sees what the other has done.  Release and acquire order would not do: both
 * loads could be made before the stores are seen.  The kernel compares the waiting
 * word again after it has queued the sleeper, which closes the rest of the window:
 * the waker clears the word before it wakes.
 */
#ifndef IPCCHAN_PEER_H
#define IPCCHAN_PEER_H

#include <errno.h>

#include <ipcchan.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * enum ipcchan_wait_mode - what a side does while it waits
 * @IPCCHAN_WAIT_ADAPTIVE: spin for about as long as a wake-up has been seen to
 *	take, shorter after waits for which that was too short, and not at all on a
 *	machine with one CPU or while the peer is on the same CPU; then sleep
 * @IPCCHAN_WAIT_SLEEP: sleep at once
 * @IPCCHAN_WAIT_SPIN: never sleep; no signal ends the wait
 *
 * The choice of one side; the other need not know it.
 */
enum ipcchan_wait_mode {
	IPCCHAN_WAIT_ADAPTIVE,
	IPCCHAN_WAIT_SLEEP,
	IPCCHAN_WAIT_SPIN,
};

/**
 * struct ipcchan_peer_shared - the words by which the two sides wait and wake
 * @waiting: by side, 1 while that side sleeps or is about to
 * @cpu: by side, 1 + the CPU that it was on when last it attached, waited or woke, 0
 *	when that is not known; a hint
 * @woken_ns: by side, CLOCK_MONOTONIC when last it was woken; a hint
 * @reserved: zero
 */
struct ipcchan_peer_shared {
	uint32_t waiting[2];
	uint32_t cpu[2];
	uint64_t woken_ns[2];
	uint64_t reserved[12];
};

/**
 * struct ipcchan_spin - how long to spin before a sleep; all fields are private
 * @wake_ns: how long a wake-up takes, as far as has been seen
 * @shorter: spin for @wake_ns >> @shorter
 */
struct ipcchan_spin {
	uint32_t wake_ns;
	uint32_t shorter;
};

/**
 * struct ipcchan_peer - one side's view of the waiting; all fields are private
 * @waiting: the peer's waiting word, which is loaded for each message
 * @no_sleep: the memory's promise that neither side ever sleeps
 * @side: this side, an index into what is in @shared
 * @shared: the words of both
 * @bell: what to sleep on, and who is told of corruption
 * @mode: what this side does while it waits
 * @spin: how long it spins before a sleep
 * @pace: pauses before a wait
 * @rest: waits before the next one that may pause
 */
struct ipcchan_peer {
	uint32_t *waiting;
	uint32_t no_sleep;
	uint32_t side;
	struct ipcchan_peer_shared *shared;
	struct ipcchan_bell bell;
	enum ipcchan_wait_mode mode;
	struct ipcchan_spin spin;
	uint32_t pace;
	uint32_t rest;
};

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

/*
 * A full fence.  On x86 any locked instruction is one, and cheaper than mfence; on
 * the stack it also beats an exchange with the published word, whose line the
 * peer may have taken.
 */
static inline void ipcchan_peer_fence(void)
{
#if defined(__x86_64__)
	__asm__ __volatile__("lock; orq $0, (%%rsp)" ::: "memory", "cc");
#elif defined(__i386__)
	__asm__ __volatile__("lock; orl $0, (%%esp)" ::: "memory", "cc");
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

/*
 * Fetch a line that will be written.  The builtin is a prefetch for reading unless the
 * compiler has been told of a CPU; those that do not have this one ignore it.
 */
static inline void ipcchan_peer_prefetch_write(const void *at)
{
#if defined(__x86_64__)
	__asm__ __volatile__("prefetchw %0" : : "m"(*(const char *)at));
#else
	__builtin_prefetch(at, 1);
#endif
}

/* this side's waiting word, on which it sleeps */
static inline uint32_t *ipcchan_peer_own_word(const struct ipcchan_peer *peer)
{
	return &peer->shared->waiting[peer->side];
}

/* May the peer sleep, as far as this side sees without a fence? */
static inline int ipcchan_peer_seems_waiting(const struct ipcchan_peer *peer)
{
	return __builtin_expect(__atomic_load_n(peer->waiting,
						__ATOMIC_RELAXED) != 0, 0);
}

/* May the peer sleep?  To be asked behind what was published. */
static inline int ipcchan_peer_waits(const struct ipcchan_peer *peer)
{
	if (peer->no_sleep)
		return 0;
	ipcchan_peer_fence();
	return ipcchan_peer_seems_waiting(peer);
}

#ifdef __cplusplus
}
#endif

#endif /* IPCCHAN_PEER_H */
