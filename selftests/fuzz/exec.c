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
#include "ops.h"
#include "uring.h"
#include "witness.h"

#define TICK_NS		1000000
#define CHILD_TICKS	30	/* that the calls of a child may take */
#define UNEXPECTED_MAX	1000

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

/* One that is not expected is of the kernel's, which could not tell of another signal. */
static void on_fault(int sig)
{
	static int unexpected;

	if (self && self->guarded)
		siglongjmp(self->guard, 1);
	if (++unexpected > UNEXPECTED_MAX)
		signal(sig, SIG_DFL);
}

/* It comes to end a call. */
static void on_tick(int sig)
{
	(void)sig;
}

static void fail_set(struct thread *t, unsigned int n)
{
	char text[12];
	int len = snprintf(text, sizeof(text), "%u", n);

	t->failing = n;
	/* That may fail itself, but then it is the one that does. */
	if (t->fail_fd >= 0 && pwrite(t->fail_fd, text, len, 0) != len)
		pwrite(t->fail_fd, text, len, 0);
}

/*
 * Interrupts what is in the same call as the last time.  It waits, for this thread runs when
 * no other has anything to do: so soon that waits cost little, and hardly before who is to
 * end one had its turn.  A signal can not be handled where copies fail.
 */
static void *tick_main(void *arg)
{
	const struct timespec tick = { .tv_nsec = TICK_NS };
	const struct sched_param param = { 0 };
	unsigned int i;

	if (pthread_setschedparam(pthread_self(), SCHED_IDLE, &param))
		abort();
	for (;;) {
		nanosleep(&tick, NULL);
		for (i = 0; i < THREADS; i++) {
			struct thread *t = &threads[i];

			if (t->active && t->ticked == t->calls) {
				if (t->failing)
					fail_set(t, 0);
				syscall(SYS_tgkill, getpid(), t->tid, SIGUSR1);
			}
			t->ticked = t->calls;
		}
	}
	return arg;
}

/* To make a task takes a stack, and the kernel complains when that is not to be had. */
static bool may_fail(const struct op *op)
{
	return op->run != run_fork && op->run != run_uring;
}

void exec_call(struct thread *t, const struct call *c)
{
	const struct op *op = &ops[c->op];

	t->calls++;
	t->active = true;
	if (op->local) {
		op->run(t, op, c->arg);
	} else {
		if (c->fail && may_fail(op))
			fail_set(t, c->fail);
		cover_begin(&t->cover);
		op->run(t, op, c->arg);
		cover_end(&t->cover, c->op);
		if (t->failing)
			fail_set(t, 0);
	}
	t->active = false;
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
	__atomic_store_n(&running, THREADS - 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&turn, 1, __ATOMIC_RELEASE);
	futex_wake(&turn);
	run_shared(&threads[0]);
	wait_threads();
}

static void end_children(void)
{
	struct thread *t = &threads[0];
	unsigned int i, ticks = 0;

	t->calls++;
	t->active = true;
	for (i = 0; i < machine.nr_children; i++)
		while (waitpid(machine.children[i], NULL, 0) < 0 && errno == EINTR)
			if (++ticks >= CHILD_TICKS)
				kill(machine.children[i], SIGKILL);
	t->active = false;
	machine.nr_children = 0;
}

/* What a program may leave behind: bits of names, and which kinds of things it has */
struct uses {
	unsigned int names;
	bool map, net, join, netns, store, uring, child;
};

static void uses_find(struct uses *u, const struct prog *p)
{
	unsigned int i, j;

	memset(u, 0, sizeof(*u));
	u->names = 1U << NAME_DEFAULT;
	for (i = 0; i < p->nr; i++) {
		const struct op *op = &ops[p->call[i].op];

		u->store |= op->run == run_store || op->run == run_store_fd || op->cmd;
		u->net |= op->run == net_attr || op->run == net_attr_id || op->run == net_nest ||
			  op->run == net_send || op->run == net_join;
		u->join |= op->run == net_join;
		u->netns |= op->run == run_netns;
		u->uring |= op->run == run_uring || op->run == run_uring_buffers;
		u->child |= op->run == run_fork;
		for (j = 0; j < op_args(op); j++) {
			if (op->arg[j].kind == ARG_NAME)
				u->names |= 1U << p->call[i].arg[j] % NAMES;
			u->map |= op->arg[j].kind == ARG_MAP;
		}
		if (op->run == net_attr && p->call[i].arg[1] < FORM_U32)
			u->names |= 1U << p->call[i].arg[2] % NAMES;
	}
}

static void end_names(const struct uses *uses)
{
	struct ipcchan_unlink u = { 0 };
	int i, n;

	for (i = NAME_DEFAULT; i < NAMES_GOOD; i++) {
		if (!(uses->names & 1U << i))
			continue;
		memcpy(u.name, name_of(i), sizeof(u.name));
		for (n = 0; n <= uses->netns; n++)
			ioctl(machine.unlinker[n], IPCCHAN_IOC_UNLINK, &u);
	}
}

static void end_program(const struct prog *p)
{
	struct uses u;
	unsigned int i;

	uses_find(&u, p);
	if (u.child)
		end_children();
	thread_rest(&threads[0]);
	if (u.map)
		mem_unmap();
	if (u.uring)
		uring_clear();
	syscall(SYS_close_range, machine.first, ~0U, 0);
	for (i = 0; i < FD_SLOTS; i++)
		machine.fd[i] = -1;
	end_names(&u);
	if (u.net)
		net_clear(u.join);
	if (u.store)
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
		if (ops[p->call[i].op].run == run_fork)
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

static void signals_init(void)
{
	struct sigaction tick = { .sa_handler = on_tick };
	struct sigaction fault = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };

	sigaction(SIGUSR1, &tick, NULL);
	sigaction(SIGSEGV, &fault, NULL);
	sigaction(SIGBUS, &fault, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGIO, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
}

static int threads_init(bool cover)
{
	unsigned int i;
	pthread_t id;
	int err;

	err = thread_init(&threads[0], 0, cover);
	if (err)
		return err;
	signals_init();
	running = THREADS - 1;
	for (i = 1; i < THREADS; i++)
		if (pthread_create(&id, NULL, thread_main, &threads[i]))
			return -EAGAIN;
	wait_threads();
	return pthread_create(&id, NULL, tick_main, NULL) ? -EAGAIN : 0;
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
	if (!err)
		err = witness_init();
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
