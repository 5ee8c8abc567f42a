/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages that may be under way, and one rule of when they are given back: %WINDOW_BACK
 * at once, or half of all where that is less.  To tell the sender is a system call: so its
 * price is the same part of a message for all who have to tell it by one of their own.
 * What is told by what carries the messages, as by a semaphore or by the index of a ring,
 * is no window.
 */
#ifndef BENCH_TRANSPORTS_WINDOW_H
#define BENCH_TRANSPORTS_WINDOW_H

#include <stdbool.h>

/* Messages that are given back at once; fewer where there are not so many */
#define WINDOW_BACK	8

/**
 * struct window - of a side
 * @free: messages that it may still send
 * @back: messages that it has received and not given back
 * @most: of these
 */
struct window {
	unsigned int free;
	unsigned int back;
	unsigned int most;
};

/** window_init() - @nr messages may be under way in each direction */
static inline void window_init(struct window *w, unsigned int nr)
{
	w->free = nr;
	w->back = 0;
	w->most = nr / 2 < WINDOW_BACK ? nr / 2 : WINDOW_BACK;
	if (!w->most)
		w->most = 1;
}

/**
 * window_back() - a message is not needed any more
 *
 * Return: how many are to be given back now, or 0.
 */
static inline unsigned int window_back(struct window *w)
{
	unsigned int nr = ++w->back;

	if (nr < w->most)
		return 0;
	w->back = 0;
	return nr;
}

#endif /* BENCH_TRANSPORTS_WINDOW_H */
