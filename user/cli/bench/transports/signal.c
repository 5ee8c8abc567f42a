// SPDX-License-Identifier: GPL-2.0
/*
 * Queued real-time signals: a message is the value that comes with one.  A queue that is
 * full takes no more and lets nobody wait: so no more are under way than have been given
 * back, which is told by another signal.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fd.h"
#include "window.h"

#define SIGNAL_MESSAGE	SIGRTMIN
#define SIGNAL_BACK	(SIGRTMIN + 1)

/* Of the signals that all processes of the user may have queued, what a direction takes */
#define SHARE	8

/**
 * struct signals - both directions
 * @pids: of the sides, in shared memory; known once both have attached
 * @side: this one
 * @own: what all signals of this side have in common
 */
struct signals {
	_Atomic pid_t *pids;
	int side;
	siginfo_t own;
	struct window window;
};

static void signals_teardown(struct link *link)
{
	struct signals *s = link->priv;

	if (!s)
		return;
	if (s->pids)
		munmap(s->pids, SIDES * sizeof(*s->pids));
	free(s);
	link->priv = NULL;
}

/* As many as may be had */
static size_t raise_rlimit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_SIGPENDING, &limit))
		return 0;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_SIGPENDING, &limit);
	return getrlimit(RLIMIT_SIGPENDING, &limit) ? 0 : limit.rlim_cur;
}

static int signals_setup(struct link *link)
{
	struct signals *s = calloc(1, sizeof(*s));
	size_t most = raise_rlimit() / SHARE, nr = link->depth / link->size;

	if (!s)
		return link_refuse(link, -ENOMEM, "no memory");
	link->priv = s;
	if (!most)
		return link_refuse(link, -EAGAIN, "a user may queue less than %d signals: raise "
				   "RLIMIT_SIGPENDING (ulimit -i)", SHARE);
	if (nr > most)
		nr = most;
	link->depth = nr * link->size;
	window_init(&s->window, (unsigned int)nr);
	s->pids = fd_memory(SIDES * sizeof(*s->pids));
	if (!s->pids)
		return link_refuse(link, -errno, "memfd: %s", strerror(errno));
	return 0;
}

/* The set of one signal, which from now on only waits to be taken */
static sigset_t hold(int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return set;
}

static int signals_attach(struct link *link, int side)
{
	sigset_t messages = hold(SIGNAL_MESSAGE), back = hold(SIGNAL_BACK);
	struct signals *s = link->priv;
	int rx = -1, tx = -1, err;

	s->side = side;
	s->own = (siginfo_t){ .si_code = SI_QUEUE };
	s->own.si_pid = getpid();
	s->own.si_uid = getuid();
	atomic_store(&s->pids[side], s->own.si_pid);
	if (link->wait != WAIT_BLOCK) {
		rx = signalfd(-1, &messages, SFD_CLOEXEC);
		tx = signalfd(-1, &back, SFD_CLOEXEC);
		if (rx < 0 || tx < 0)
			return link_refuse(link, -errno, "signalfd: %s", strerror(errno));
	}
	err = fd_attach(link, tx, rx);
	return err ? err : fd_wait_init_reads(link);
}

static int take_here(int number, union sigval *value)
{
	siginfo_t info;
	sigset_t set;
	int got;

	sigemptyset(&set);
	sigaddset(&set, number);
	do {
		got = sigwaitinfo(&set, &info);
	} while (got < 0 && errno == EINTR);
	*value = info.si_value;
	return got < 0 ? -errno : 0;
}

static int take_from(struct link *link, bool sends, union sigval *value)
{
	int fd = sends ? link->tx_fd : link->rx_fd;
	struct signalfd_siginfo info;
	struct fd_wait wait = { 0 };
	ssize_t n;

	do {
		n = read(fd, &info, sizeof(info));
	} while (n < 0 && fd_again(link, &wait, sends));
	value->sival_ptr = (void *)(uintptr_t)info.ssi_ptr;
	return n < 0 ? -errno : 0;
}

/* The value of the next signal that this side gets as a sender, or as a receiver */
static int take(struct link *link, bool sends, union sigval *value)
{
	if (link->wait != WAIT_BLOCK)
		return take_from(link, sends, value);
	return take_here(sends ? SIGNAL_BACK : SIGNAL_MESSAGE, value);
}

/* What sigqueue(3) does, which asks for the process and its user each time */
static int queue(struct signals *s, int number, uintptr_t value)
{
	pid_t to = atomic_load_explicit(&s->pids[!s->side], memory_order_relaxed);

	s->own.si_signo = number;
	s->own.si_ptr = (void *)value;
	return syscall(SYS_rt_sigqueueinfo, to, number, &s->own) ? -errno : 0;
}

static int signals_begin(struct link *link, void **msg)
{
	struct signals *s = link->priv;
	union sigval value;
	int err;

	*msg = link->tx_buf;
	if (s->window.free)
		return 0;
	err = take(link, true, &value);
	if (!err)
		s->window.free = (unsigned int)(uintptr_t)value.sival_ptr;
	return err;
}

static int signals_send(struct link *link)
{
	struct signals *s = link->priv;
	uintptr_t value = 0;

	memcpy(&value, link->tx_buf, link->size);
	s->window.free--;
	return queue(s, SIGNAL_MESSAGE, value);
}

static ssize_t signals_recv(struct link *link, const void **msg)
{
	union sigval value;
	int err = take(link, false, &value);

	if (!err)
		memcpy(link->rx_buf, &value.sival_ptr, link->size);
	*msg = link->rx_buf;
	return err ? err : (ssize_t)link->size;
}

static int signals_done(struct link *link)
{
	struct signals *s = link->priv;
	unsigned int nr = window_back(&s->window);

	return nr ? queue(s, SIGNAL_BACK, nr) : 0;
}

const struct transport transport_signal = {
	.name = "signal",
	.about = "queued real-time signals: a message is the value of one, 8 bytes",
	.wait = WAIT_BLOCK,
	.waits = WAITS_ALL,
	.workloads = WORKLOADS_ALL,
	.max_size = sizeof(uintptr_t),
	.setup = signals_setup,
	.attach = signals_attach,
	.begin = signals_begin,
	.send = signals_send,
	.recv = signals_recv,
	.done = signals_done,
	.teardown = signals_teardown,
};
