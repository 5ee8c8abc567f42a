/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A transport: one way to carry messages between two processes.  To add one,
 * write a file in transports/ and name it in transports/table.c.
 */
#ifndef BENCH_TRANSPORT_H
#define BENCH_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define WHY_SIZE	160

/* In struct transport: how often, where that is known */
#define COPIES(n)	((n) + 1u)

struct run_plan;
struct run_shared;

/* Both processes have a side; 0 sends first */
#define SIDES		2

/**
 * enum wait_strategy - what a process does while it cannot go on
 * @WAIT_BLOCK: sleeps in the kernel
 * @WAIT_POLL: sleeps in epoll_wait(2), as an event loop, and then tries again
 * @WAIT_SPIN: looks again and again; two such need two CPUs
 * @WAIT_ADAPTIVE: looks for a while, then sleeps
 */
enum wait_strategy {
	WAIT_BLOCK,
	WAIT_POLL,
	WAIT_SPIN,
	WAIT_ADAPTIVE,
	WAIT_NR,
};

/* Bits for those that a transport has */
#define WAITS_ALL	((1u << WAIT_NR) - 1)
#define WAITS_SLEEP	(1u << WAIT_BLOCK | 1u << WAIT_ADAPTIVE)

/**
 * enum workload - what the processes do; of two, each in a file of its name
 * @WORKLOAD_PINGPONG: round trips of two processes
 * @WORKLOAD_STREAM: from side 0 to side 1, as fast as they go
 * @WORKLOAD_ONEWAY: likewise, one at a time
 * @WORKLOAD_OPENLOOP: likewise, each at its time
 * @WORKLOAD_FANIN: one way, of several senders and one receiver
 * @WORKLOAD_FANOUT: one sender and several receivers: each message goes to one of them
 * @WORKLOAD_MESH: several of both, likewise
 * @WORKLOAD_BROADCAST: one sender and several receivers: each message goes to all of them
 */
enum workload {
	WORKLOAD_PINGPONG,
	WORKLOAD_STREAM,
	WORKLOAD_ONEWAY,
	WORKLOAD_OPENLOOP,
	WORKLOAD_FANIN,
	WORKLOAD_FANOUT,
	WORKLOAD_MESH,
	WORKLOAD_BROADCAST,
	WORKLOAD_NR,
};

/** workload_answers() - does side 1 send as many messages as side 0, or none at all? */
static inline bool workload_answers(enum workload workload)
{
	return workload == WORKLOAD_PINGPONG;
}

/* Bits for those that may share a link on its two sides */
#define MANY_SENDERS	(1u << 0)
#define MANY_RECEIVERS	(1u << 1)
#define MANY_BOTH	(MANY_SENDERS | MANY_RECEIVERS)

/* Bits for how each of several receivers gets each message */
#define EACH_OWN	(1u << 2)	/* what is sent once goes to all of them */
#define EACH_LINKS	(1u << 3)	/* each has a link of its own: it is sent to each */

/**
 * struct link - one connection of two processes, or more
 * @transport: how it works
 * @workload: what it is used for; WORKLOAD_STREAM, too, where those are more
 * @crew: processes of each side
 * @each: every receiver gets every message
 * @links_of: of transport_each: of what transport its links are; else NULL
 * @index: in a child, which of its side it is
 * @wait: what each side does while it cannot go on
 * @size: bytes of every message
 * @depth: bytes a direction may hold: what setup() is asked for, and after it
 *	what there is
 * @batch: messages a system call of a transport that can take many
 * @per_call: after setup() how many a system call does take
 * @step: bytes from one message to the next, for transports that have many in a row
 * @tx_nr: messages in a row: how many begin() has room for, and then, no more than
 *	these, how many have been built for send(); 1 unless begin() says otherwise
 * @rx_nr: likewise, how many of one length recv() has got, and how many done() is for
 * @tx_fd: to send on, for transports over descriptors, after attach()
 * @rx_fd: to receive on
 * @epoll: of @rx_fd and of @tx_fd, where they are waited for in epoll_wait(2)
 * @tx_buf: private room for a message, for transports that copy
 * @rx_buf: likewise
 * @priv: the transport's own
 * @why: what setup() or attach() says to the user when it fails
 *
 * Made by the parent; each child works on its copy.
 */
struct link {
	const struct transport *transport;
	enum workload workload;
	unsigned int crew[SIDES];
	bool each;
	const struct transport *links_of;
	unsigned int index;
	enum wait_strategy wait;
	size_t size;
	size_t depth;
	unsigned int batch;
	unsigned int per_call;
	size_t step;
	unsigned int tx_nr;
	unsigned int rx_nr;
	int tx_fd;
	int rx_fd;
	int epoll[2];
	void *tx_buf;
	void *rx_buf;
	void *priv;
	char why[WHY_SIZE];
};

/**
 * struct transport - the operations return 0 or a negative errno
 * @name: as given to --transports
 * @about: one line for --list
 * @wait: what it does while it cannot go on, if nothing else is asked for
 * @waits: bit mask of 1 << enum wait_strategy, beside @wait
 * @sync_wake: it wakes with the hint that the waker is about to sleep
 * @stages: two calls a message, on @tx_fd and @rx_fd: stages.h tells where its time goes
 * @events: and tracepoints of the module tell of each message
 * @workloads: bit mask of 1 << enum workload, of those of two processes
 * @max_size: bytes of the largest message
 * @copies: COPIES() of so many times that a CPU copies the bytes of a message, from where it
 *	was built to where it is read; declared, not counted; 0 where nobody can say
 * @remote: the same to another host, for --connect; NULL where there is none
 * @many: MANY_* bits: there may be several on this side.  Each message then comes to one
 *	receiver, those of a sender in order; recv() takes none that may be another's.
 *	And an EACH_* bit, where each can come to all of them; with EACH_LINKS begin() gives
 *	room at @link->tx_buf, and there is no flush()
 * @drops: of EACH_OWN, what a receiver has no room for is lost to it
 * @many_size: bytes of the largest message that several send, or receive; 0 for @max_size
 * @setup: in the parent, before it forks: make everything both sides share, of
 *	@depth bytes a direction or as near as can be had; on failure fill @why.  A call
 *	that waits here is not begun anew after EINTR: so a time limit ends it
 * @attach: in each child: become side 0 or 1, or one of those there; on failure fill @why
 * @begin: where to build the next message, or @tx_nr; @link->size bytes, 8-aligned
 * @send: send what has been built, or hold it back: until @recv or @flush at the
 *	latest, or until there are @per_call of them
 * @recv: the next message, or @rx_nr, 8-aligned, valid until @done; returns its
 *	length
 * @done: the message is not needed any more; those that it is not for come next
 * @flush: send what is held back, also before @done; NULL where @send holds nothing
 *	back
 * @run: the whole work of a side, instead of workload_run(): for those so fast that to
 *	call an operation for each message would be what is measured; @begin to @flush
 *	are not called then; NULL for all others
 * @teardown: in the parent, after the children are gone, or after a failed setup
 */
struct transport {
	const char *name;
	const char *about;
	enum wait_strategy wait;
	unsigned int waits;
	bool sync_wake;
	bool stages;
	bool events;
	unsigned int workloads;
	size_t max_size;
	unsigned int copies;
	const struct transport *remote;
	unsigned int many;
	bool drops;
	size_t many_size;
	int (*setup)(struct link *link);
	int (*attach)(struct link *link, int side);
	int (*begin)(struct link *link, void **msg);
	int (*send)(struct link *link);
	ssize_t (*recv)(struct link *link, const void **msg);
	int (*done)(struct link *link);
	int (*flush)(struct link *link);
	int (*run)(const struct run_plan *plan, struct run_shared *shared,
		   struct link *link, int side);
	void (*teardown)(struct link *link);
};

/* Of two processes */
#define WORKLOADS_ALL	(1u << WORKLOAD_PINGPONG | 1u << WORKLOAD_STREAM |	\
			 1u << WORKLOAD_ONEWAY | 1u << WORKLOAD_OPENLOOP)

/** link_is_shared() - are there more processes than two? */
static inline bool link_is_shared(const struct link *link)
{
	return link->crew[0] > 1 || link->crew[1] > 1;
}

/* Every transport there is, in the order of --list; ends with NULL */
extern const struct transport *const transports[];

/* Not among them: what @remote points to; what has a link for each of several receivers */
extern const struct transport transport_tcp_remote, transport_each;

/**
 * transport_find() - look a transport up by its name
 *
 * Return: NULL when there is none.
 */
const struct transport *transport_find(const char *name);

#endif /* BENCH_TRANSPORT_H */
