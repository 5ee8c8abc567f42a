/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Storms: processes that send and receive numbered messages while something happens to
 * them, and a ledger, in memory that all share, of what was sent and what was received.
 *
 * What a call acknowledges arrives once, with each receiver where all get it; what a call
 * refuses never does; of a sender that died in its call nobody knows, so it is once or never.
 *
 * IPCCHAN_TEST_SEED is the seed, IPCCHAN_TEST_SCALE the length in percent.
 */
#ifndef IPCCHAN_SELFTEST_STORM_H
#define IPCCHAN_SELFTEST_STORM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/ipcchan.h>

#include "uring.h"

#define STORM_BATCH	4	/* messages of one call, at most */
#define STORM_SEQS	60000	/* messages of one sender, if nobody says otherwise */
#define STORM_ERRORS	160

/**
 * struct storm_msg - a message; it may be sent without its tail
 * @valid: 1; cleared by who has counted it
 * @sender: who sent it
 * @seq: number of it
 * @sum: of these
 * @tail: the sum, again and again
 */
struct storm_msg {
	uint32_t valid;
	uint32_t sender;
	uint32_t seq;
	uint32_t sum;
	uint32_t tail[92];
};

#define STORM_SHORT	offsetof(struct storm_msg, tail)

/* What a message says instead where there is only a number for it. */
#define STORM_COOKIE(sender, seq)	(1ull << 63 | (uint64_t)(sender) << 32 | (seq))

/* Where a receiver receives: seen by others when it is dead. */
struct storm_desk {
	struct ipcchan_msghdr h[STORM_BATCH];
	int32_t fds[STORM_BATCH];
	struct storm_msg msg[STORM_BATCH];
};

struct storm_way;

/**
 * struct storm - all that is shared
 * @way: how messages go
 * @fd: of the channel, with the creator's role
 * @seed: to begin with
 * @senders: how many processes
 * @receivers: likewise
 * @seqs: how many messages a sender sends
 * @patient: calls wait for ever, or until they are interrupted
 * @begin: called in each process when it begins, if set; @nr counts senders, then receivers
 * @allowed: by errno: calls may fail so
 * @errors: by errno: how often they did
 * @received: messages, by all receivers
 * @kills: processes that were killed
 * @fault: line where the first fault was found
 * @why: its errno
 * @stop: nothing is sent any more
 * @send: processes
 * @recv: likewise
 * @next: by sender: what it sends next
 * @state: by sender and number: enum storm_state
 * @seen: by view, sender and number: how often it was received
 * @desk: by receiver
 */
struct storm {
	const struct storm_way *way;
	int fd;
	uint32_t seed;
	uint32_t senders;
	uint32_t receivers;
	uint32_t seqs;
	bool patient;
	void (*begin)(struct storm *s, uint32_t nr);
	bool allowed[STORM_ERRORS];
	uint32_t errors[STORM_ERRORS];
	uint32_t received;
	uint32_t kills;
	uint32_t fault;
	int why;
	bool stop;
	pid_t *send;
	pid_t *recv;
	uint32_t *next;
	uint8_t *state;
	uint8_t *seen;
	struct storm_desk *desk;
	size_t size;
};

enum storm_state { STORM_UNSENT, STORM_UNDER_WAY, STORM_SENT, STORM_FAILED };

/**
 * struct storm_actor - a process that sends, or receives
 * @nr: which of them
 * @fd: its endpoint
 * @seed: of its random numbers
 * @map: its mapping of buffer or pool, or NULL
 * @call: that it owes a reply, or 0
 * @owed: the message of that
 * @ring: its ring
 */
struct storm_actor {
	struct storm *s;
	uint32_t nr;
	int fd;
	unsigned int seed;
	char *map;
	uint64_t call;
	struct storm_msg owed;
	struct uring ring;
};

/**
 * struct storm_way - how messages go
 * @name: of it
 * @chan: channel to create
 * @all: each receiver gets all messages
 * @both: who sends may receive, and the other way round
 * @unknown: a call that fails may have been carried out
 * @open: called once by each actor, 0 or -errno; may be NULL
 * @send: send some, 0 or -errno of what was refused
 * @recv: receive some, likewise
 */
struct storm_way {
	const char *name;
	struct ipcchan_attach chan;
	bool all;
	bool both;
	bool unknown;
	int (*open)(struct storm_actor *a, bool sends);
	int (*send)(struct storm_actor *a);
	int (*recv)(struct storm_actor *a);
};

/* Calls of read() and write(); the same where waiters poll before they sleep. */
extern const struct storm_way storm_words, storm_spin;
/* Many messages a call, with time limits. */
extern const struct storm_way storm_batch;
/* Each message has a descriptor with it. */
extern const struct storm_way storm_fds;
extern const struct storm_way storm_broadcast, storm_rpc;
/* Without copies: blocks of the buffer, a receiver's pool. */
extern const struct storm_way storm_loans, storm_pool;
extern const struct storm_way storm_uring;

/** storm_create() - a storm of this kind; NULL and errno without a channel, or memory */
struct storm *storm_create(const struct storm_way *way, uint32_t senders, uint32_t receivers,
			   uint32_t seqs);

/** storm_free() - end it; @s may be NULL */
void storm_free(struct storm *s);

/** storm_start() - begin: all processes are there on return */
void storm_start(struct storm *s);

/** storm_kill_sender() - kill it, whatever it does, and start another one */
void storm_kill_sender(struct storm *s, uint32_t nr);

/** storm_kill_receiver() - likewise; what it has got counts */
void storm_kill_receiver(struct storm *s, uint32_t nr);

/** storm_reap() - start another one for each that somebody has killed; how many these were */
uint32_t storm_reap(struct storm *s);

/**
 * storm_end() - stop sending, let all arrive that will, and end the processes
 *
 * Return: whether the ledger is right; else it has been told why.
 */
bool storm_end(struct storm *s);

/* What ways of sending are made of. */

/** storm_fault() - this should not be; only the first one is told */
void storm_fault(struct storm *s, uint32_t line, int why);

#define STORM_FAULT(s, why)	storm_fault(s, __LINE__, why)

/** storm_number() - the next message of a sender, which is under way from now on */
void storm_number(struct storm_actor *a, struct storm_msg *m);

/** storm_told() - what became of it */
void storm_told(struct storm_actor *a, const struct storm_msg *m, enum storm_state state);

/** storm_got() - a receiver has got message @i of its desk, @len bytes at @m */
void storm_got(struct storm_actor *a, int i, const struct storm_msg *m, uint32_t len);

/** storm_good() - is that a message, of one of those who send? */
bool storm_good(const struct storm *s, const struct storm_msg *m);

/** storm_time() - how long to wait, nanoseconds; @flags: out, IPCCHAN_XFER_* to go with it */
int64_t storm_time(struct storm_actor *a, uint32_t *flags);

/** storm_rand() - a random number below @n */
uint32_t storm_rand(struct storm_actor *a, uint32_t n);

/* Whether all is as it was. */

#define STORM_CACHES	2

/**
 * struct storm_calm - what there is while nothing goes on
 * @users: users who have something
 * @used: by item: what all of them have
 * @chans: channels
 * @objects: of the module's slab caches; -1 where that is not told
 */
struct storm_calm {
	uint64_t users;
	uint64_t used[8];
	uint64_t chans;
	int64_t objects[STORM_CACHES];
};

/** storm_calm() - look; 0 or -errno */
int storm_calm(struct storm_calm *c);

/** storm_calm_again() - whether all is back, soon; else it has been told what is not */
bool storm_calm_again(const struct storm_calm *before);

#endif /* IPCCHAN_SELFTEST_STORM_H */
