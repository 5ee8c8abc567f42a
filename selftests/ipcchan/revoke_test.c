// SPDX-License-Identifier: GPL-2.0
/* Revocation: a block is written by the endpoint that has it, and by nobody else. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mapping.h"
#include "place.h"
#include "util.h"

#include "harness.h"

#define PAGES	8

static int revoke_anon(uint32_t kind)
{
	struct ipcchan_attach a = {
		.kind = kind, .buf_size = PAGES * page_size(), .max_msg_size = 1 << 20,
		.options = IPCCHAN_OPT_LOANS | IPCCHAN_OPT_REVOKE,
	};

	return chan_anon(&a);
}

FIXTURE(revoke) {
	uint32_t page;
	int fd;
	int peer;
	char *map;
	char *peer_map;
};

FIXTURE_SETUP(revoke)
{
	self->page = page_size();
	self->fd = revoke_anon(IPCCHAN_KIND_QUEUE);
	ASSERT_LE(0, self->fd);
	self->peer = chan_peer(self->fd, O_RDWR);
	ASSERT_LE(0, self->peer);
	self->map = map_buf(self->fd, PAGES);
	ASSERT_NE(NULL, self->map);
	self->peer_map = map_buf(self->peer, PAGES);
	ASSERT_NE(NULL, self->peer_map);
}

FIXTURE_TEARDOWN(revoke)
{
	close(self->fd);
	close(self->peer);
}

TEST_F(revoke, from_one_to_the_next)
{
	int64_t at;

	EXPECT_FALSE(is_ours(self->map));
	at = loan(self->fd, 3 * self->page, 0, IPCCHAN_WAIT_FOREVER);
	ASSERT_LE(0, at);
	memset(self->map + at, 'r', 3 * self->page);
	EXPECT_FALSE(is_ours(self->map + at + 3 * self->page));
	EXPECT_FALSE(is_ours(self->peer_map + at));

	ASSERT_EQ(1, send_block(self->fd, at, 3 * self->page));
	EXPECT_FALSE(is_ours(self->map + at));
	EXPECT_FALSE(is_ours(self->map + at + 2 * self->page));
	EXPECT_FALSE(is_ours(self->peer_map + at));

	ASSERT_EQ(at, recv_block(self->peer));
	EXPECT_FALSE(is_ours(self->map + at));
	EXPECT_TRUE(is_ours(self->peer_map + at));
	EXPECT_EQ('r', self->peer_map[at + 3 * self->page - 1]);

	EXPECT_EQ(1, give_back(self->peer, at));
	EXPECT_FALSE(is_ours(self->peer_map + at));
	EXPECT_EQ(at, loan(self->fd, self->page, 0, IPCCHAN_WAIT_FOREVER));
	EXPECT_TRUE(is_ours(self->map + at));
}

/* What cannot be sent is its sender's as before. */
TEST_F(revoke, not_sent)
{
	struct ipcchan_msghdr h = { .len = 1, .flags = IPCCHAN_MSG_PLACED };
	int64_t at = loan(self->fd, 1, 0, IPCCHAN_WAIT_FOREVER);

	self->map[at] = 'n';
	h.buf = at;
	h.fds = (uintptr_t)&self->fd;
	h.nr_fds = 1;
	/* refused before it is looked at, and after it */
	EXPECT_EQ(-EINVAL, xfer_send(self->fd, &h, 1, 0, 0));
	EXPECT_EQ(-EMSGSIZE, send_block(self->fd, at, self->page + 1));
	EXPECT_TRUE(is_ours(self->map + at));
	while (msg_send(self->peer, "x", 1) == 1 && chan_msgs(self->fd) < 1024)
		;
	EXPECT_EQ(-EAGAIN, send_block(self->fd, at, 1));
	EXPECT_TRUE(is_ours(self->map + at));
	EXPECT_EQ('n', self->map[at]);
}

/* Each mapping of an endpoint, wherever it went, whoever has it. */
TEST_F(revoke, all_mappings)
{
	int64_t at = loan(self->fd, 1, 0, IPCCHAN_WAIT_FOREVER);
	char *second = map_buf(self->fd, PAGES), *moved;
	int go[2], ready[2];
	char c;
	pid_t pid;

	ASSERT_EQ(0, pipe(go));
	ASSERT_EQ(0, pipe(ready));
	self->map[at] = 'a';
	EXPECT_EQ('a', second[at]);
	moved = mmap(NULL, PAGES * self->page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	moved = mremap(second, PAGES * self->page, PAGES * self->page,
		       MREMAP_MAYMOVE | MREMAP_FIXED, moved);
	ASSERT_NE(MAP_FAILED, moved);
	EXPECT_TRUE(is_ours(moved + at));
	pid = child_fork();
	if (!pid) {
		bool before = is_ours(self->map + at), after;

		close(go[1]);
		if (write(ready[1], "", 1) != 1 || read(go[0], &c, 1) < 0)
			_exit(9);
		after = is_ours(self->map + at);
		_exit(before * 2 + after);
	}
	close(go[0]);
	ASSERT_EQ(1, read(ready[0], &c, 1));
	ASSERT_EQ(1, send_block(self->fd, at, 1));
	close(go[1]);
	EXPECT_EQ(2, child_wait(pid));
	EXPECT_FALSE(is_ours(self->map + at));
	EXPECT_FALSE(is_ours(moved + at));
}

/* Nobody keeps a page by pinning it. */
TEST_F(revoke, not_pinned)
{
	int64_t at = loan(self->fd, 1, 0, IPCCHAN_WAIT_FOREVER);
	char byte = 'p';
	struct iovec local = { .iov_base = &byte, .iov_len = 1 };
	struct iovec remote = { .iov_base = self->map + at, .iov_len = 1 };
	int fds[2];

	self->map[at] = 'v';
	EXPECT_EQ(-1, process_vm_writev(getpid(), &local, 1, &remote, 1, 0));
	EXPECT_EQ(EFAULT, errno);
	ASSERT_EQ(0, pipe(fds));
	EXPECT_EQ(-1, vmsplice(fds[1], &remote, 1, 0));
	EXPECT_EQ(EFAULT, errno);
	/* but copied from and to as any other memory */
	EXPECT_EQ(1, write(fds[1], self->map + at, 1));
	EXPECT_EQ(1, read(fds[0], self->map + at, 1));
	EXPECT_EQ('v', self->map[at]);
}

/* What the kernel says of such a mapping, which is not of memory that it knows. */
TEST_F(revoke, advice)
{
	static const int refused[] = {
		MADV_DONTNEED, MADV_COLD, MADV_PAGEOUT, MADV_FREE, MADV_REMOVE,
		MADV_DODUMP, MADV_WIPEONFORK, MADV_POPULATE_READ, MADV_POPULATE_WRITE,
	};
	const unsigned int invalid = 3;
	int64_t at = loan(self->fd, 1, 0, IPCCHAN_WAIT_FOREVER);
	char *map = self->map + at;
	unsigned int i;

	*map = 'a';
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		EXPECT_EQ(-1, madvise(map, self->page, refused[i])) TH_LOG("advice %u", i);
		EXPECT_TRUE(i >= invalid || errno == EINVAL) TH_LOG("advice %u: %d", i, errno);
	}
	EXPECT_EQ(MAP_FAILED, mremap(self->map, PAGES * self->page, (PAGES + 1) * self->page,
				     MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, madvise(map, self->page, MADV_DONTFORK));
	EXPECT_EQ('a', *map);
}

/* A block's pages come when it is touched, up to 64 of them at once. */
TEST_F(revoke, not_populated)
{
	size_t size = PAGES * self->page;
	volatile char *map;
	const char *ro;
	long faults;

	ASSERT_EQ(0, loan(self->fd, size / 2, 0, IPCCHAN_WAIT_FOREVER));
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, self->fd, 0);
	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, mlock((char *)map, size));
	minor_faults();
	faults = minor_faults();
	(void)map[0];
	EXPECT_EQ(faults + 1, minor_faults());
	(void)map[size / 2 - 1];
	EXPECT_EQ(faults + 1, minor_faults());
	map[0] = 'p';
	/* One to read only is as any other. */
	ro = mmap(NULL, size, PROT_READ, MAP_SHARED | MAP_POPULATE, self->fd, 0);
	ASSERT_NE(MAP_FAILED, ro);
	EXPECT_EQ(PAGES, pages_present((char *)ro, size));
	EXPECT_EQ('p', ro[0]);
}

/* Interrupts of CPUs that had to forget a mapping, or -1 where they are not told of. */
static long shoot_downs(void)
{
	FILE *f = fopen("/proc/interrupts", "r");
	char line[4096], *at, *end;
	long sum = -1, n;

	while (f && sum < 0 && fgets(line, sizeof(line), f)) {
		at = strstr(line, "TLB:");
		if (!at)
			continue;
		sum = 0;
		for (at += 4; n = strtol(at, &end, 10), end != at; at = end)
			sum += n;
	}
	if (f)
		fclose(f);
	return sum;
}

/* A thread that runs on the next CPU, and tells that it does. */
struct spinner {
	unsigned long turns;
	int stop;
};

static void *spin_on_next_cpu(void *arg)
{
	struct spinner *spinner = arg;

	run_on(1);
	while (!__atomic_load_n(&spinner->stop, __ATOMIC_RELAXED))
		__atomic_fetch_add(&spinner->turns, 1, __ATOMIC_RELAXED);
	return NULL;
}

/* That CPU may have something else to run, and a guest's is not always there. */
static void see_it_run(struct spinner *spinner)
{
	unsigned long turns = __atomic_load_n(&spinner->turns, __ATOMIC_RELAXED);

	while (__atomic_load_n(&spinner->turns, __ATOMIC_RELAXED) == turns)
		;
}

/* @spinner: what is to be on the next CPU with each message, or NULL. */
static long send_blocks(FIXTURE_DATA(revoke) *self, int n, struct spinner *spinner)
{
	long before = shoot_downs();
	int64_t at;

	while (n-- > 0) {
		at = loan(self->fd, 1, 0, IPCCHAN_WAIT_FOREVER);
		self->map[at] = 's';
		if (spinner)
			see_it_run(spinner);
		if (send_block(self->fd, at, 1) != 1 || recv_block(self->peer) != at ||
		    give_back(self->peer, at) != 1)
			return -1;
	}
	return shoot_downs() - before;
}

/* A CPU on which this process was may have its mappings until another one has been there. */
static int leave_next_cpu(void)
{
	pid_t pid;

	run_on(0);
	pid = child_fork();
	if (pid == 0) {
		run_on(1);
		_exit(0);
	}
	return child_wait(pid);
}

/* Another CPU is interrupted where it runs a thread of the sender, and only there. */
TEST_F(revoke, interrupts)
{
	const int n = 64;
	struct spinner spinner = { 0 };
	pthread_t thread;

	if (shoot_downs() < 0 || sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "no count of it here, or one CPU");
	ASSERT_EQ(0, leave_next_cpu());
	EXPECT_GT(n / 4, send_blocks(self, n, NULL));
	ASSERT_EQ(0, pthread_create(&thread, NULL, spin_on_next_cpu, &spinner));
	/* Now and then it stops running just then. */
	EXPECT_LE(n * 3 / 4, send_blocks(self, n, &spinner));
	__atomic_store_n(&spinner.stop, 1, __ATOMIC_RELAXED);
	EXPECT_EQ(0, pthread_join(thread, NULL));
}

/* Nor do those reach it who read and write the memory of others. */
TEST_F(revoke, not_by_others)
{
	int64_t at = loan(self->fd, 1, 0, IPCCHAN_WAIT_FOREVER);
	int mem = open("/proc/self/mem", O_RDWR);
	off_t where = (uintptr_t)(self->map + at);
	char byte;
	pid_t pid;

	self->map[at] = 'm';
	ASSERT_LE(0, mem);
	EXPECT_EQ(-1, pread(mem, &byte, 1, where));
	EXPECT_EQ(EIO, errno);
	EXPECT_EQ(-1, pwrite(mem, "w", 1, where));
	EXPECT_EQ(EIO, errno);
	close(mem);
	/* A futex that is shared is found by its page. */
	EXPECT_EQ(-1, syscall(SYS_futex, self->map + at, FUTEX_WAKE, 1, NULL, NULL, 0));
	EXPECT_EQ(EFAULT, errno);
	pid = child_fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	ASSERT_EQ(0, ptrace(PTRACE_ATTACH, pid, NULL, NULL));
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	errno = 0;
	EXPECT_EQ(-1, ptrace(PTRACE_PEEKDATA, pid, self->map + at, NULL));
	EXPECT_EQ(EIO, errno);
	child_kill(pid);
	EXPECT_EQ('m', self->map[at]);
}

TEST_F(revoke, read_only)
{
	size_t size = PAGES * self->page;
	int64_t at = loan(self->fd, 1, 0, IPCCHAN_WAIT_FOREVER);
	int ro = chan_peer(self->fd, O_RDONLY);
	char *map = mmap(NULL, size, PROT_READ, MAP_SHARED, ro, 0), *own;

	/* receivers see all, before and after */
	ASSERT_NE(MAP_FAILED, map);
	self->map[at] = 's';
	EXPECT_EQ('s', map[at]);
	ASSERT_EQ(1, send_block(self->fd, at, 1));
	EXPECT_EQ('s', map[at]);
	/* so does a sender that will never write through it */
	own = mmap(NULL, size, PROT_READ, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, own);
	EXPECT_EQ('s', own[at]);
	EXPECT_EQ(-1, mprotect(own, size, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-1, mprotect(map, size, PROT_READ | PROT_WRITE));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, self->fd, 0));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, size + 1, PROT_READ | PROT_WRITE, MAP_SHARED,
				   self->fd, 0));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, self->page, PROT_READ | PROT_WRITE, MAP_SHARED,
				   self->fd, size));
	close(ro);
}

/* A part of it is what it is of the whole. */
TEST_F(revoke, part)
{
	uint64_t at[3];
	char *map;

	ASSERT_EQ(3, loan_many(self->fd, 1, at, 3, 0));
	map = mmap(NULL, self->page, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, at[1]);
	ASSERT_NE(MAP_FAILED, map);
	map[0] = '1';
	EXPECT_EQ('1', self->map[at[1]]);
	ASSERT_EQ(1, send_block(self->fd, at[0], 1));
	ASSERT_EQ(1, send_block(self->fd, at[2], 1));
	EXPECT_TRUE(is_ours(map));
	EXPECT_TRUE(is_ours(self->map + at[1]));
	ASSERT_EQ(1, send_block(self->fd, at[1], 1));
	EXPECT_FALSE(is_ours(map));
	EXPECT_FALSE(is_ours(self->map + at[1]));
}

/* Another channel's blocks at the same place stay. */
TEST_F(revoke, other_channels)
{
	int fd = revoke_anon(IPCCHAN_KIND_QUEUE);
	char *map = map_buf(fd, PAGES);
	int64_t at = loan(self->fd, 1, 0, IPCCHAN_WAIT_FOREVER);

	ASSERT_EQ(at, loan(fd, 1, 0, IPCCHAN_WAIT_FOREVER));
	map[at] = 'o';
	self->map[at] = 't';
	ASSERT_EQ(1, send_block(self->fd, at, 1));
	EXPECT_TRUE(is_ours(map + at));
	EXPECT_EQ('o', map[at]);
	close(fd);
}

/* A second node of the device is a second inode, whose mappings would not be found. */
TEST_F(revoke, another_node)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_FD, .fd = self->fd,
				    .role = IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV };
	size_t size = PAGES * self->page;
	char path[] = "/dev/shm/revokeXXXXXX";
	struct stat st;
	int fd;
	char *map;

	ASSERT_EQ(0, fstat(self->fd, &st));
	ASSERT_NE(NULL, mkdtemp(path));
	ASSERT_EQ(0, chdir(path));
	if (mknod("node", S_IFCHR | 0600, st.st_rdev))
		SKIP(goto out, "cannot make a device node");
	fd = open("node", O_RDWR);
	if (fd < 0)
		SKIP(goto out, "cannot open device nodes in /dev/shm");
	ASSERT_EQ(0, do_ioctl(fd, IPCCHAN_IOC_ATTACH, &a));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	EXPECT_EQ(EXDEV, errno);
	munmap(self->map, size);
	munmap(self->peer_map, size);
	map = map_buf(fd, PAGES);
	EXPECT_NE(NULL, map);
	EXPECT_EQ(NULL, map_buf(self->fd, PAGES));
	munmap(map, size);
	EXPECT_NE(NULL, map_buf(self->fd, PAGES));
	close(fd);
out:
	unlink("node");
	EXPECT_EQ(0, chdir("/"));
	rmdir(path);
}

/* One that is shared is read only, and by a mapping for reading. */
TEST(revoke_broadcast)
{
	int fd = revoke_anon(IPCCHAN_KIND_BROADCAST), sub = chan_peer(fd, O_RDWR);
	char *map = map_buf(fd, PAGES), *sub_map = map_buf(sub, PAGES);
	const char *ro = mmap(NULL, page_size(), PROT_READ, MAP_SHARED, sub, 0);
	int64_t at = loan(fd, 1, 0, IPCCHAN_WAIT_FOREVER);

	ASSERT_EQ(0, at);
	map[at] = 'b';
	ASSERT_EQ(1, send_block(fd, at, 1));
	ASSERT_EQ(at, recv_block(sub));
	EXPECT_FALSE(is_ours(map + at));
	EXPECT_FALSE(is_ours(sub_map + at));
	EXPECT_EQ('b', ro[at]);
	close(sub);
	close(fd);
}

/* Blocks that are sent while another thread writes: not a store comes after the send. */
TEST_F(revoke, while_writing)
{
	volatile char *byte;
	int i, later = 0;
	pid_t pid;

	pid = child_fork();
	if (!pid)
		write_for_ever(self->map);
	for (i = 0; i < (int)test_scale(300); i++) {
		char before;

		ASSERT_EQ(0, loan(self->fd, 1, 0, IPCCHAN_WAIT_FOREVER));
		sched_yield();
		ASSERT_EQ(1, send_block(self->fd, 0, 1));
		ASSERT_EQ(0, recv_block(self->peer));
		byte = self->peer_map;
		before = *byte;
		sched_yield();
		later += *byte != before;
		ASSERT_EQ(1, give_back(self->peer, 0));
	}
	EXPECT_EQ(0, later);
	child_kill(pid);
}

TEST_HARNESS_MAIN
