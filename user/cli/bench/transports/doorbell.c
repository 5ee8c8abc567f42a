// SPDX-License-Identifier: GPL-2.0
/*
 * Messages in shared memory, and a doorbell that is rung for each of them: an eventfd, or
 * a futex and nothing else.  It counts what the other side has not heard of; another one
 * counts what can be used again, many at once.  Unlike with a semaphore, to ring is a system
 * call, whether somebody waits or not: so it is the call that is measured.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../touch.h"
#include "fd.h"
#include "slots.h"
#include "window.h"

/* Of a direction: messages there are, messages that can be used again */
enum bell {
	BELL_FILLED,
	BELL_FREE,
	BELL_NR,
};

/* Rung so often, for all times; in a line of the cache of its own */
union word {
	_Atomic uint32_t count;
	_Alignas(64) char line[64];
};

/* The two kinds; both return a negative errno when they fail */
struct bell_kind {
	/* Return: how often it was rung since, at least once; waits until then */
	int (*hear)(struct link *link, bool sends);
	int (*ring)(struct link *link, int side, enum bell which, unsigned int times);
};

/**
 * struct bells - both directions
 * @kind: of all
 * @mem: the words, then the slots of either side that sends
 * @fd: eventfds by the side that sends; -1 for none
 * @heard: what of the words this side has seen
 * @ready: messages that it knows of and has not received yet
 */
struct bells {
	const struct bell_kind *kind;
	union word (*mem)[BELL_NR];
	size_t mem_size;
	int fd[SIDES][BELL_NR];
	uint32_t heard[SIDES][BELL_NR];
	int side;
	unsigned int nr;
	unsigned int ready;
	struct window window;
	struct slots tx;
	struct slots rx;
};

static void bells_teardown(struct link *link)
{
	struct bells *b = link->priv;
	int side;

	if (!b)
		return;
	for (side = 0; side < SIDES; side++) {
		fd_close(&b->fd[side][BELL_FILLED]);
		fd_close(&b->fd[side][BELL_FREE]);
	}
	if (b->mem)
		munmap(b->mem, b->mem_size);
	free(b);
	link->priv = NULL;
}

static int bells_setup(struct link *link, const struct bell_kind *kind)
{
	struct bells *b = calloc(1, sizeof(*b));

	if (!b)
		return link_refuse(link, -ENOMEM, "no memory");
	memset(b->fd, 0xff, sizeof(b->fd));
	link->priv = b;
	b->kind = kind;
	b->nr = slots_count(link, INT_MAX);
	b->mem_size = sizeof(union word[SIDES][BELL_NR]) + SIDES * slots_bytes(link, b->nr);
	b->mem = fd_memory(b->mem_size);
	if (!b->mem)
		return link_refuse(link, -errno, "memfd: %s", strerror(errno));
	return 0;
}

static int bells_attach(struct link *link, int side)
{
	struct bells *b = link->priv;
	char *slots = (char *)b->mem + sizeof(union word[SIDES][BELL_NR]);

	b->side = side;
	window_init(&b->window, b->nr);
	slots_init(&b->tx, link, slots + (size_t)side * slots_bytes(link, b->nr), b->nr);
	slots_init(&b->rx, link, slots + (size_t)!side * slots_bytes(link, b->nr), b->nr);
	memory_touch(b->mem, b->mem_size);
	return 0;
}

static int bells_begin(struct link *link, void **msg)
{
	struct bells *b = link->priv;
	int n;

	*msg = slots_at(&b->tx);
	if (b->window.free)
		return 0;
	n = b->kind->hear(link, true);
	if (n > 0)
		b->window.free = (unsigned int)n;
	return n < 0 ? n : 0;
}

static int bells_send(struct link *link)
{
	struct bells *b = link->priv;

	b->window.free--;
	slots_go_on(&b->tx);
	return b->kind->ring(link, b->side, BELL_FILLED, 1);
}

static ssize_t bells_recv(struct link *link, const void **msg)
{
	struct bells *b = link->priv;
	int n;

	*msg = slots_at(&b->rx);
	if (!b->ready) {
		n = b->kind->hear(link, false);
		if (n < 0)
			return n;
		b->ready = (unsigned int)n;
	}
	b->ready--;
	return (ssize_t)link->size;
}

static int bells_done(struct link *link)
{
	struct bells *b = link->priv;
	unsigned int nr = window_back(&b->window);

	slots_go_on(&b->rx);
	return nr ? b->kind->ring(link, !b->side, BELL_FREE, nr) : 0;
}

static int eventfd_hear(struct link *link, bool sends)
{
	int fd = sends ? link->tx_fd : link->rx_fd;
	struct fd_wait wait = { 0 };
	uint64_t rung;
	ssize_t n;

	do {
		n = read(fd, &rung, sizeof(rung));
	} while (n < 0 && fd_again(link, &wait, sends));
	return n < 0 ? -errno : (int)rung;
}

static int eventfd_ring(struct link *link, int side, enum bell which, unsigned int times)
{
	const struct bells *b = link->priv;
	uint64_t add = times;

	return write(b->fd[side][which], &add, sizeof(add)) < 0 ? -errno : 0;
}

static int eventfd_setup(struct link *link)
{
	static const struct bell_kind kind = { .hear = eventfd_hear, .ring = eventfd_ring };
	int err = bells_setup(link, &kind), i;
	struct bells *b = link->priv;

	for (i = 0; !err && i < SIDES * BELL_NR; i++) {
		int *fd = &b->fd[i / BELL_NR][i % BELL_NR];

		*fd = eventfd(0, EFD_CLOEXEC);
		if (*fd < 0)
			err = link_refuse(link, -errno, "eventfd: %s", strerror(errno));
	}
	return err;
}

static int eventfd_attach(struct link *link, int side)
{
	struct bells *b = link->priv;

	bells_attach(link, side);
	link->tx_fd = b->fd[side][BELL_FREE];
	link->rx_fd = b->fd[!side][BELL_FILLED];
	return fd_wait_init_reads(link);
}

static int futex_hear(struct link *link, bool sends)
{
	struct bells *b = link->priv;
	int side = sends ? b->side : !b->side;
	enum bell which = sends ? BELL_FREE : BELL_FILLED;
	_Atomic uint32_t *word = &b->mem[side][which].count;
	uint32_t *heard = &b->heard[side][which], count;
	struct fd_wait wait = { 0 };

	while ((count = atomic_load_explicit(word, memory_order_acquire)) == *heard) {
		if (fd_looks(link, &wait))
			continue;
		if (syscall(SYS_futex, word, FUTEX_WAIT, count, NULL, NULL, 0) &&
		    errno != EAGAIN && errno != EINTR)
			return -errno;
	}
	count -= *heard;
	*heard += count;
	return (int)count;
}

static int futex_ring(struct link *link, int side, enum bell which, unsigned int times)
{
	struct bells *b = link->priv;
	_Atomic uint32_t *word = &b->mem[side][which].count;

	atomic_fetch_add_explicit(word, times, memory_order_release);
	return syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0) < 0 ? -errno : 0;
}

static int futex_setup(struct link *link)
{
	static const struct bell_kind kind = { .hear = futex_hear, .ring = futex_ring };

	return bells_setup(link, &kind);
}

const struct transport transport_eventfd = {
	.name = "eventfd",
	.about = "eventfd(2) rung for each message, which lies in shared memory",
	.wait = WAIT_BLOCK,
	.waits = WAITS_ALL,
	.workloads = WORKLOADS_ALL,
	.max_size = UINT32_MAX,
	.copies = COPIES(0),
	.setup = eventfd_setup,
	.attach = eventfd_attach,
	.begin = bells_begin,
	.send = bells_send,
	.recv = bells_recv,
	.done = bells_done,
	.teardown = bells_teardown,
};

const struct transport transport_futex = {
	.name = "futex",
	.about = "FUTEX_WAKE for each message, whoever waits; they lie in shared memory",
	.wait = WAIT_BLOCK,
	.waits = WAITS_SLEEP | 1u << WAIT_SPIN,
	.workloads = WORKLOADS_ALL,
	.max_size = UINT32_MAX,
	.copies = COPIES(0),
	.setup = futex_setup,
	.attach = bells_attach,
	.begin = bells_begin,
	.send = bells_send,
	.recv = bells_recv,
	.done = bells_done,
	.teardown = bells_teardown,
};
