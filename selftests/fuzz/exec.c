// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "abi.h"
#include "exec.h"
#include "mem.h"
#include "names.h"
#include "net.h"
#include "uring.h"

#define TICK_NS		8000000

struct machine machine;

static struct thread threads[THREADS];
static __thread struct thread *self;
static unsigned int shared_from;
static uint32_t turn, running;

static void futex_wait(uint32_t *word, uint32_t value)
{
	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void futex_wake(uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, THREADS, NULL, NULL, 0);
}

static void on_fault(int sig)
{
	if (self && self->guarded)
		siglongjmp(self->guard, 1);
	signal(sig, SIG_DFL);
}

/*
 * Comes to the main thread; that it has come is what ends a call of its own.  Others
 * that are in the same call as the last time are in one that waits.
 */
static void on_tick(int sig)
{
	unsigned int i;
	int saved = errno;

	if (self == threads) {
		for (i = 1; i < THREADS; i++) {
			struct thread *t = &threads[i];

			if (t->active && t->ticked == t->calls)
				syscall(SYS_tgkill, getpid(), t->tid, sig);
			t->ticked = t->calls;
		}
	}
	errno = saved;
}

static void fail_set(const struct thread *t, unsigned int n)
{
	char text[12];
	int len = snprintf(text, sizeof(text), "%u", n);

	if (t->fail_fd >= 0 && pwrite(t->fail_fd, text, len, 0) != len)
		abort();
}

void exec_call(struct thread *t, const struct call *c)
{
	const struct op *op = &ops[c->op];

	t->calls++;
	if (op->local) {
		op->run(t, op, c->arg);
		return;
	}
	if (c->fail)
		fail_set(t, c->fail);
	cover_begin(&t->cover);
	op->run(t, op, c->arg);
	cover_end(&t->cover, c->op);
	if (c->fail)
		fail_set(t, 0);
}

static void run_shared(struct thread *t)
{
	const struct prog *p = machine.prog;
	unsigned int i;

	for (i = shared_from; i < p->nr; i++)
		if (p->call[i].thread == t->nr)
			exec_call(t, &p->call[i]);
}

/* It is root again, in its own network namespace. */
static void thread_rest(struct thread *t)
{
	if (t->uid)
		syscall(SYS_setresuid, -1, 0, -1);
	if (t->netns && setns(machine.netns[0], CLONE_NEWNET))
		abort();
	t->uid = false;
	t->netns = false;
}

static int thread_init(struct thread *t, unsigned int nr, bool cover)
{
	self = t;
	t->nr = nr;
	t->tid = syscall(SYS_gettid);
	t->fail_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	return cover ? cover_open(&t->cover) : 0;
}

static void *thread_main(void *arg)
{
	struct thread *t = arg;
	uint32_t seen = 0, now;

	if (thread_init(t, t - threads, threads[0].cover.area))
		abort();
	__atomic_fetch_sub(&running, 1, __ATOMIC_RELEASE);
	futex_wake(&running);
	for (;;) {
		while ((now = __atomic_load_n(&turn, __ATOMIC_ACQUIRE)) == seen)
			futex_wait(&turn, seen);
		seen = now;
		run_shared(t);
		thread_rest(t);
		t->active = false;
		__atomic_fetch_sub(&running, 1, __ATOMIC_RELEASE);
		futex_wake(&running);
	}
	return NULL;
}

static void wait_threads(void)
{
	uint32_t n;

	while ((n = __atomic_load_n(&running, __ATOMIC_ACQUIRE)))
		futex_wait(&running, n);
}

static void run_together(void)
{
	unsigned int i;

	for (i = 1; i < THREADS; i++)
		threads[i].active = true;
	__atomic_store_n(&running, THREADS - 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&turn, 1, __ATOMIC_RELEASE);
	futex_wake(&turn);
	run_shared(&threads[0]);
	wait_threads();
}

static void end_children(void)
{
	unsigned int i;

	for (i = 0; i < machine.nr_children; i++) {
		if (waitpid(machine.children[i], NULL, 0) >= 0)
			continue;
		kill(machine.children[i], SIGKILL);
		while (waitpid(machine.children[i], NULL, 0) < 0 && errno == EINTR)
			;
	}
	machine.nr_children = 0;
}

/* Of the names that a program says, and the one that it need not say. */
static void end_names(const struct prog *p)
{
	struct ipcchan_unlink u = { 0 };
	unsigned int named = 1U << NAME_DEFAULT, i, j, n;

	for (i = 0; i < p->nr; i++) {
		const struct op *op = &ops[p->call[i].op];

		for (j = 0; j < op_args(op); j++)
			if (op->arg[j].kind == ARG_NAME)
				named |= 1U << p->call[i].arg[j] % NAMES;
	}
	for (i = 0; i < NAMES_GOOD; i++) {
		if (!(named & 1U << i))
			continue;
		memcpy(u.name, name_of(i), sizeof(u.name));
		for (n = 0; n < 2; n++)
			ioctl(machine.unlinker[n], IPCCHAN_IOC_UNLINK, &u);
	}
}

static void end_program(const struct prog *p)
{
	unsigned int i;

	end_children();
	thread_rest(&threads[0]);
	mem_unmap();
	uring_clear();
	syscall(SYS_close_range, machine.first, ~0U, 0);
	for (i = 0; i < FD_SLOTS; i++)
		machine.fd[i] = -1;
	for (i = 0; i < MAP_SLOTS; i++)
		machine.map[i] = 0;
	end_names(p);
	net_clear();
	mem_clear();
}

unsigned int exec_run(const struct prog *p)
{
	struct thread *t = &threads[0];
	unsigned int i, made = 0;

	machine.prog = p;
	for (i = 0; i < THREADS; i++)
		threads[i].cover.nr_new = 0;
	for (i = 0; i < p->nr; i++)
		made += !ops[p->call[i].op].local;
	for (i = 0; i < p->nr && !p->call[i].thread; i++) {
		exec_call(t, &p->call[i]);
		/* What a child has done is not done again. */
		if (!strcmp(ops[p->call[i].op].name, "fork"))
			i += p->call[i].arg[0] % PROG_CALLS;
	}
	shared_from = i;
	if (i < p->nr)
		run_together();
	end_program(p);
	return made;
}

static int namespaces_init(void)
{
	int i;

	for (i = 1; i >= 0; i--) {
		if (unshare(CLONE_NEWNET))
			return -errno;
		machine.netns[i] = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
		machine.unlinker[i] = open(IPCCHAN_DEV_PATH, O_RDWR | O_CLOEXEC);
		if (machine.netns[i] < 0 || machine.unlinker[i] < 0)
			return -errno;
	}
	return net_init();
}

static int signals_init(void)
{
	struct sigaction tick = { .sa_handler = on_tick };
	struct sigaction fault = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1,
		._sigev_un._tid = threads[0].tid,
	};
	const struct itimerspec every = { { 0, TICK_NS }, { 0, TICK_NS } };
	timer_t timer;

	sigaction(SIGUSR1, &tick, NULL);
	sigaction(SIGSEGV, &fault, NULL);
	sigaction(SIGBUS, &fault, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGIO, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) ||
	    timer_settime(timer, 0, &every, NULL))
		return -errno;
	return 0;
}

static int threads_init(bool cover)
{
	unsigned int i;
	pthread_t id;
	int err;

	err = thread_init(&threads[0], 0, cover);
	if (!err)
		err = signals_init();
	if (err)
		return err;
	running = THREADS - 1;
	for (i = 1; i < THREADS; i++)
		if (pthread_create(&id, NULL, thread_main, &threads[i]))
			return -EAGAIN;
	wait_threads();
	return 0;
}

int exec_init(bool cover)
{
	unsigned int i;
	int err;

	err = namespaces_init();
	if (!err)
		err = mem_init();
	if (!err)
		err = threads_init(cover);
	if (err) {
		fprintf(stderr, "fuzz: cannot prepare: %s\n", strerror(-err));
		return err;
	}
	machine.first = open("/dev/null", O_RDONLY);
	for (i = 0; i < FD_SLOTS; i++)
		machine.fd[i] = -1;
	mem_clear();
	return machine.first < 0 ? -errno : 0;
}

const struct cover *exec_cover(unsigned int thread)
{
	return &threads[thread].cover;
}
