// SPDX-License-Identifier: GPL-2.0
/*
 * An attacker who keeps a mapping: by whatever way, nothing is written through one of a block
 * that was sent, of a buffer that it may only read, or of a pool.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "place.h"
#include "uring.h"
#include "util.h"

#include "harness.h"

#define PAGES	8
#define ROLE_BOTH	(IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV)
#define OURS	'o'	/* what is there */
#define THEIRS	'X'	/* what is to be there */

static const char ours = OURS, theirs = THEIRS;

static sigjmp_buf fault;

static void on_fault(int signo)
{
	(void)signo;
	siglongjmp(fault, 1);
}

static void store(char *at)
{
	*(volatile char *)at = THEIRS;
}

/* As the kernel writes what it reads. */
static void by_read(char *at)
{
	int fds[2];

	if (pipe(fds))
		return;
	if (write(fds[1], &theirs, 1) != 1 || read(fds[0], at, 1) != 1)
		errno = EFAULT;
	close(fds[0]);
	close(fds[1]);
}

/* A message, too. */
static void by_receive(char *at)
{
	int fd = chan_anon(NULL);

	if (msg_send(fd, &theirs, 1) == 1)
		msg_recv(fd, at, 1);
	close(fd);
}

static void by_futex(char *at)
{
	uint32_t other = 0;

	syscall(SYS_futex, &other, FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG, 0, 0, at,
		FUTEX_OP(FUTEX_OP_SET, THEIRS, FUTEX_OP_CMP_EQ, 0));
}

static void by_mem(char *at)
{
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);

	if (pwrite(fd, &theirs, 1, (uintptr_t)at) != 1)
		errno = EFAULT;
	close(fd);
}

static void by_process_vm(char *at)
{
	char c = THEIRS;
	struct iovec here = { &c, 1 }, there = { at, 1 };

	process_vm_writev(getpid(), &here, 1, &there, 1, 0);
}

/* A child has the same mapping. */
static void by_ptrace(char *at)
{
	long word = THEIRS;
	pid_t pid = child_fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	if (!ptrace(PTRACE_ATTACH, pid, NULL, NULL) && waitpid(pid, NULL, 0) == pid)
		ptrace(PTRACE_POKEDATA, pid, at, word);
	child_kill(pid);
}

static void by_child(char *at)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		signal(SIGBUS, SIG_DFL);
		signal(SIGSEGV, SIG_DFL);
		store(at);
		_exit(0);
	}
	child_wait(pid);
}

/* Its copy of what is read lies in pages that were pinned before. */
static void by_uring(char *at)
{
	char *page = (char *)((uintptr_t)at & ~(uintptr_t)(page_size() - 1));
	struct iovec iov = { page, page_size() };
	struct io_uring_sqe sqe = {
		.opcode = IORING_OP_READ_FIXED, .addr = (uintptr_t)at, .len = 1,
	};
	struct io_uring_cqe cqe;
	struct uring ring;
	int fds[2];

	if (uring_open(&ring) || pipe(fds))
		return;
	if (!syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, &iov, 1) &&
	    write(fds[1], &theirs, 1) == 1) {
		sqe.fd = fds[0];
		if (!uring_submit(&ring, &sqe))
			uring_wait(&ring, &cqe);
	}
	close(fds[0]);
	close(fds[1]);
	uring_close(&ring);
}

static void by_mprotect(char *at)
{
	char *page = (char *)((uintptr_t)at & ~(uintptr_t)(page_size() - 1));

	if (!mprotect(page, page_size(), PROT_READ | PROT_WRITE))
		store(at);
}

/* At another address, where all that it had comes along. */
static void by_mremap(char *at)
{
	char *page = (char *)((uintptr_t)at & ~(uintptr_t)(page_size() - 1)), *moved;
	const size_t size = page_size();

	moved = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mremap(page, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, moved) != moved)
		return;
	if (!sigsetjmp(fault, 1))
		store(moved + (at - page));
	mremap(moved, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, page);
}

static void *store_in_thread(void *at)
{
	by_read(at);
	return NULL;
}

static void by_thread(char *at)
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, store_in_thread, at))
		pthread_join(thread, NULL);
}

static const struct way {
	const char *name;
	void (*write)(char *at);
	bool own;	/* it does write a block that the endpoint has */
} ways[] = {
	{ "a store", store, true },
	{ "read()", by_read, true },
	{ "a message", by_receive, true },
	{ "a thread", by_thread, true },
	{ "a child", by_child, true },
	{ "a futex", by_futex, true },
	{ "mprotect()", by_mprotect, true },
	{ "mremap()", by_mremap, true },
	{ "/proc/PID/mem", by_mem, false },
	{ "process_vm_writev()", by_process_vm, false },
	{ "ptrace()", by_ptrace, false },
	{ "io_uring's fixed buffers", by_uring, false },
};

static void try_way(const struct way *way, char *at)
{
	struct sigaction sa = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	struct sigaction bus, segv;

	sigaction(SIGBUS, &sa, &bus);
	sigaction(SIGSEGV, &sa, &segv);
	if (!sigsetjmp(fault, 1))
		way->write(at);
	sigaction(SIGBUS, &bus, NULL);
	sigaction(SIGSEGV, &segv, NULL);
}

FIXTURE(map) {
	int fd;		/* the attacker's */
	int peer;
	const char *view;	/* the whole buffer, to be looked at */
};

static int chan(uint32_t options)
{
	struct ipcchan_attach a = {
		.buf_size = PAGES * page_size(), .options = IPCCHAN_OPT_LOANS | options,
	};

	return chan_anon(&a);
}

FIXTURE_SETUP(map)
{
	self->fd = chan(IPCCHAN_OPT_REVOKE);
	ASSERT_LE(0, self->fd);
	self->peer = chan_peer(self->fd, O_RDWR);
	ASSERT_LE(0, self->peer);
	self->view = mmap(NULL, PAGES * page_size(), PROT_READ, MAP_SHARED, self->peer, 0);
	ASSERT_NE(MAP_FAILED, self->view);
}

FIXTURE_TEARDOWN(map)
{
	close(self->peer);
	close(self->fd);
}

/* Before it is sent it can be written, by ways that take no page for themselves. */
TEST_F(map, block_that_was_sent)
{
	char *map = map_buf(self->fd, PAGES), *peer_map = map_buf(self->peer, PAGES);
	unsigned int i;
	int64_t at;

	ASSERT_NE(NULL, map);
	ASSERT_NE(NULL, peer_map);
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		at = loan(self->fd, 1, 0, IPCCHAN_WAIT_FOREVER);
		ASSERT_LE(0, at);
		map[at] = OURS;
		try_way(&ways[i], map + at);
		EXPECT_EQ(ways[i].own ? THEIRS : OURS, self->view[at]) TH_LOG("%s", ways[i].name);
		map[at] = OURS;
		/* While it is under way, while the receiver has it, and when nobody has. */
		ASSERT_EQ(1, send_block(self->fd, at, 1));
		try_way(&ways[i], map + at);
		EXPECT_EQ(OURS, self->view[at]) TH_LOG("sent: %s", ways[i].name);
		ASSERT_EQ(at, recv_block(self->peer));
		try_way(&ways[i], map + at);
		EXPECT_EQ(OURS, self->view[at]) TH_LOG("received: %s", ways[i].name);
		EXPECT_EQ(OURS, peer_map[at]);
		ASSERT_EQ(1, give_back(self->peer, at));
		try_way(&ways[i], map + at);
		EXPECT_EQ(OURS, self->view[at]) TH_LOG("given back: %s", ways[i].name);
	}
}

/* One that is made afterwards is no better, nor one of a process that was given the endpoint. */
TEST_F(map, mapped_again)
{
	int64_t at = loan(self->fd, 1, 0, IPCCHAN_WAIT_FOREVER);
	char *map = map_buf(self->fd, PAGES), *again;
	const size_t size = PAGES * page_size();
	pid_t pid;

	map[at] = OURS;
	ASSERT_EQ(1, send_block(self->fd, at, 1));
	again = map_buf(self->fd, PAGES);
	EXPECT_FALSE(is_ours(again + at));
	EXPECT_EQ(map, mmap(map, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			    self->fd, 0));
	EXPECT_FALSE(is_ours(map + at));
	/* That moves what is shown where. */
	if (!syscall(SYS_remap_file_pages, map, (size_t)page_size(), 0, 1, 0)) {
		EXPECT_FALSE(is_ours(map));
	}
	EXPECT_NE(0, syscall(SYS_remap_file_pages, map, (size_t)page_size(), 0,
			     (size_t)1 << 20, 0));
	pid = child_fork();
	if (pid == 0) {
		char *mine = map_buf(self->fd, PAGES);

		_exit(!mine || is_ours(mine + at));
	}
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(OURS, self->view[at]);
}

/* Through another endpoint of the same user, that never had it. */
TEST_F(map, another_endpoint)
{
	int other = chan_peer(self->fd, O_RDWR);
	char *map = map_buf(other, PAGES), *own = map_buf(self->fd, PAGES);
	int64_t at = loan(self->fd, 1, 0, IPCCHAN_WAIT_FOREVER);
	unsigned int i;

	own[at] = OURS;
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		try_way(&ways[i], map + at);
		EXPECT_EQ(OURS, self->view[at]) TH_LOG("%s", ways[i].name);
	}
	EXPECT_EQ(-ENOENT, send_block(other, at, 1));
	EXPECT_EQ(-ENOENT, give_back(other, at));
	close(other);
}

/* What may only be read: by whom, and of what. */
FIXTURE(reader) {
	int fd;		/* that wrote what is there */
	int reader;
	char *map;	/* one page */
	const char *view;
};

FIXTURE_VARIANT(reader) {
	uint32_t role;	/* of the reader */
	int flags;	/* of its mapping */
	bool pool;
};

FIXTURE_VARIANT_ADD(reader, buffer) { IPCCHAN_ROLE_RECV, MAP_SHARED };
FIXTURE_VARIANT_ADD(reader, buffer_private) { IPCCHAN_ROLE_RECV, MAP_PRIVATE };
FIXTURE_VARIANT_ADD(reader, of_a_writer_private) { ROLE_BOTH, MAP_PRIVATE };
FIXTURE_VARIANT_ADD(reader, pool) { ROLE_BOTH, MAP_SHARED, true };
FIXTURE_VARIANT_ADD(reader, pool_private) { ROLE_BOTH, MAP_PRIVATE, true };

FIXTURE_SETUP(reader)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_FD, .role = variant->role };
	const uint64_t from = variant->pool ? IPCCHAN_POOL_OFFSET : 0;

	self->fd = chan(0);
	ASSERT_LE(0, self->fd);
	a.fd = self->fd;
	/* The device is open for both. */
	self->reader = chan_open(O_RDWR, &a);
	ASSERT_LE(0, self->reader);
	if (variant->pool) {
		ASSERT_EQ(0, pool(self->reader, 1, IPCCHAN_POOL_FAIL, 1));
		ASSERT_EQ(1, msg_send(self->fd, &ours, 1));
		self->view = mmap(NULL, page_size(), PROT_READ, MAP_SHARED, self->reader, from);
	} else {
		self->view = map_buf(self->fd, 1);
		ASSERT_NE(NULL, self->view);
		*(char *)self->view = OURS;
	}
	ASSERT_NE(MAP_FAILED, self->view);
	self->map = mmap(NULL, page_size(), PROT_READ, variant->flags, self->reader, from);
	ASSERT_NE(MAP_FAILED, self->map);
}

FIXTURE_TEARDOWN(reader)
{
	close(self->reader);
	close(self->fd);
}

TEST_F(reader, never_writes)
{
	unsigned int i;

	ASSERT_EQ(OURS, self->map[0]);
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		try_way(&ways[i], self->map);
		EXPECT_EQ(OURS, *(volatile const char *)self->view) TH_LOG("%s", ways[i].name);
		EXPECT_EQ(OURS, *(volatile char *)self->map) TH_LOG("%s", ways[i].name);
	}
}

TEST_HARNESS_MAIN
