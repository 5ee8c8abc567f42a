/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The benchmark between two hosts.  One listens, the other one drives: it has the options,
 * the cases and the report.  Over one connection, the session, it tells what each run is to
 * do and hears what came of it; another one, of each run, carries the messages.  No memory is
 * shared: where a phase ends the message itself tells, see remote_work.c.
 *
 * Nobody is authenticated.  Whatever comes from the network is checked, and has a size and a
 * time that it may take.
 */
#ifndef BENCH_REMOTE_H
#define BENCH_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * remote_listen() - serve benchmarks of other hosts, one at a time, until a signal ends it
 * @where: [ADDR:]PORT; without ADDR of the loopback interface
 * @limit_ns: how long a client may say nothing, or in a run send no whole message, nanoseconds
 * @once: end after the first one
 * @verb: argv[0] of the verb, for errors
 *
 * Return: EXIT_OK; EXIT_SYSTEM, with a message.
 */
int remote_listen(const char *where, uint64_t limit_ns, bool once, const char *verb);

/**
 * remote_connect() - begin a session with the host that listens
 * @peer: HOST:PORT, which stays
 * @why: out, what to say when that fails, of %WHY_SIZE bytes
 *
 * Return: 0; negative errno.
 */
int remote_connect(const char *peer, char *why);

/** remote_session() - Return: it, begun anew if it has ended; negative errno with @why */
int remote_session(char *why);

/** remote_drop() - end the session: nobody knows any more what would come next */
void remote_drop(void);

/**
 * remote_dial() - a connection to the peer, as fast as its messages can be
 * @bytes: of both buffers; 0 as they are
 * @why: out, when that fails
 *
 * Return: it; negative errno.
 */
int remote_dial(size_t bytes, char *why);

#endif /* BENCH_REMOTE_H */
