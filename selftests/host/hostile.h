/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls on a ring into whose memory a hostile peer writes, between them or during them.
 * Which calls, and what they may say, is the test's own; how many there are is told here.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <pthread.h>

#include "ring-util.h"

/**
 * struct hostile - what a ring's test has of its own
 * @setup: make a ring, and attach to it
 * @scribble: one hostile write, of a kind that a hostile peer would think of
 * @round: calls of both sides; @between is whether it scribbles itself before them
 */
struct hostile {
	void (*setup)(void);
	void (*scribble)(uint64_t *state);
	void (*round)(uint64_t *state, bool between);
};

/**
 * struct hostile_length - how long a run is
 * @rounds: at least
 * @enough: of what is seen, each; more rounds are made until then
 * @most_ns: but not for longer
 * @least: of what is seen, each: a run that only fails tests nothing
 */
struct hostile_length {
	uint64_t rounds;
	uint64_t enough;
	int64_t most_ns;
	uint64_t least;
};

/* What the calls of a run gave, by their number. */
static struct {
	uint64_t received, sent, refused;
} seen;

static int hostile_stop;
static volatile unsigned char hostile_sink;

static inline void read_all(const void *msg, size_t len)
{
	const volatile unsigned char *bytes = msg;

	while (len--)
		hostile_sink = bytes[len];
}

/* Hostile writes anywhere into the @size bytes at @mem */
static inline void scribble_byte(void *mem, size_t size, uint64_t where, uint64_t value)
{
	__atomic_store_n((char *)mem + where % size, (char)value, __ATOMIC_RELAXED);
}

static inline void scribble_word(void *mem, size_t size, uint64_t where, uint64_t value)
{
	__atomic_store_n((uint64_t *)mem + where % (size / 8), value, __ATOMIC_RELAXED);
}

static inline bool seen_all(uint64_t count)
{
	return seen.received >= count && seen.sent >= count && seen.refused >= count;
}

static inline void *hostile_scribbler(void *arg)
{
	const struct hostile *hostile = arg;
	uint64_t state = 4242;

	while (!__atomic_load_n(&hostile_stop, __ATOMIC_RELAXED))
		hostile->scribble(&state);
	return NULL;
}

static inline void hostile_rounds(const struct hostile *hostile, bool between,
				  const struct hostile_length *length)
{
	int64_t end = now_ns() + length->most_ns;
	uint64_t state = 31337, i;

	for (i = 0; !tap_failures && (i < length->rounds ||
				      (!seen_all(length->enough) && now_ns() < end)); i++) {
		hostile->round(&state, between);
		/* the scribbler may be waiting for this CPU */
		if (!between && i % 256 == 0)
			usleep(1);
	}
}

static inline void hostile_begin(const struct hostile *hostile)
{
	memset(&seen, 0, sizeof(seen));
	hostile->setup();
}

static inline void hostile_end(const struct hostile_length *length)
{
	printf("# %llu messages received, %llu sent, %llu times refused\n",
	       (unsigned long long)seen.received, (unsigned long long)seen.sent,
	       (unsigned long long)seen.refused);
	EXPECT(seen_all(length->least));
}

/* Writes between the calls. */
static inline void hostile_between(const struct hostile *hostile,
				   const struct hostile_length *length)
{
	hostile_begin(hostile);
	hostile_rounds(hostile, true, length);
	hostile_end(length);
}

/* Writes during the calls.  On a busy machine the two threads seldom run at the same time. */
static inline void hostile_beside(const struct hostile *hostile,
				  const struct hostile_length *length)
{
	pthread_t thread;

	hostile_begin(hostile);
	hostile_stop = 0;
	EXPECT_EQ(pthread_create(&thread, NULL, hostile_scribbler, (void *)hostile), 0);
	hostile_rounds(hostile, false, length);
	__atomic_store_n(&hostile_stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	hostile_end(length);
}

#endif /* HOSTILE_H */
