// SPDX-License-Identifier: GPL-2.0
/* What may be done to a mapping of the shared buffer, and what becomes of the data. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "genl.h"
#include "mapping.h"
#include "util.h"

#include "harness.h"

#define PAGES	4
#define RW	(PROT_READ | PROT_WRITE)

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif
#define GUARD_INSTALL	102	/* MADV_GUARD_INSTALL */

FIXTURE(map) {
	long page;
	size_t size;
	int fd;
	char *map;
};

FIXTURE_SETUP(map)
{
	struct ipcchan_attach limits = { 0 };

	self->page = sysconf(_SC_PAGESIZE);
	self->size = PAGES * self->page;
	limits.buf_size = self->size;
	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
	self->map = mmap(NULL, self->size, RW, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, self->map);
	pages_stamp(self->map, self->page, 0, PAGES);
}

FIXTURE_TEARDOWN(map)
{
	close(self->fd);
}

static int advise(void *addr, size_t len, int advice)
{
	return madvise(addr, len, advice) ? -errno : 0;
}

/* Through another endpoint's mapping, so that what is seen is the buffer itself. */
static bool buffer_is_stamped(FIXTURE_DATA(map) *self, int first)
{
	int peer = chan_peer(self->fd, O_RDONLY);
	char *map = mmap(NULL, self->size, PROT_READ, MAP_SHARED, peer, 0);
	bool same = map != MAP_FAILED && pages_are_stamped(map, self->page, first, PAGES);

	munmap(map, self->size);
	close(peer);
	return same;
}

TEST_F(map, advice)
{
	static const struct {
		int advice;
		int error;
	} cases[] = {
		{ MADV_NORMAL, 0 }, { MADV_RANDOM, 0 }, { MADV_SEQUENTIAL, 0 },
		{ MADV_WILLNEED, 0 }, { MADV_DONTNEED, 0 }, { MADV_COLD, 0 },
		{ MADV_PAGEOUT, 0 }, { MADV_DONTFORK, 0 },
		{ MADV_DONTDUMP, 0 }, { MADV_DODUMP, -EINVAL }, { MADV_FREE, -EINVAL },
		{ MADV_WIPEONFORK, -EINVAL },
	};
	/* What kernels answer differently, or not all of them know. */
	static const int others[] = {
		MADV_DOFORK, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_COLLAPSE, MADV_MERGEABLE,
		MADV_UNMERGEABLE, MADV_KEEPONFORK, MADV_POPULATE_READ,
		MADV_POPULATE_WRITE, GUARD_INSTALL,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(cases[i].error, advise(self->map, self->size, cases[i].advice))
			TH_LOG("advice %d", cases[i].advice);
		EXPECT_TRUE(pages_are_stamped(self->map, self->page, 0, PAGES))
			TH_LOG("advice %d", cases[i].advice);
	}
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		advise(self->map, self->size, others[i]);
		EXPECT_TRUE(pages_are_stamped(self->map, self->page, 0, PAGES))
			TH_LOG("advice %d", others[i]);
	}
	/* No hole is made, for those either who may write. */
	EXPECT_GT(0, advise(self->map, self->size, MADV_REMOVE));
	EXPECT_TRUE(buffer_is_stamped(self, 0));
}

/* MADV_DONTNEED takes pages out of this mapping, and nothing out of the buffer. */
TEST_F(map, dontneed_only_unmaps)
{
	long faults;

	ASSERT_EQ(0, advise(self->map + self->page, 2 * self->page, MADV_DONTNEED));
	faults = minor_faults();
	EXPECT_TRUE(buffer_is_stamped(self, 0));
	faults = minor_faults();
	EXPECT_TRUE(pages_are_stamped(self->map, self->page, 0, PAGES));
	EXPECT_LE(faults + 2, minor_faults());
	pages_stamp(self->map, self->page, 4, PAGES);
	EXPECT_TRUE(buffer_is_stamped(self, 4));
}

TEST_F(map, dontfork)
{
	pid_t pid;

	ASSERT_EQ(0, advise(self->map + self->page, self->page, MADV_DONTFORK));
	pid = child_fork();
	ASSERT_LE(0, pid);
	if (pid == 0) {
		if (!pages_are_stamped(self->map, self->page, 0, 1) ||
		    !pages_are_stamped(self->map + 2 * self->page, self->page, 2, 2))
			_exit(1);
		signal(SIGSEGV, SIG_DFL);
		_exit(self->map[self->page]);
	}
	EXPECT_EQ(CHILD_SIGNALED + SIGSEGV, child_wait(pid));
	EXPECT_TRUE(pages_are_stamped(self->map, self->page, 0, PAGES));
}

/* The signal that a write to @at ends a child with, 0 for none. */
static int write_signal(char *at)
{
	pid_t pid = child_fork();
	int status;

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		*(volatile char *)at = 'w';
		_exit(0);
	}
	status = child_wait(pid);
	return status > CHILD_SIGNALED ? status - CHILD_SIGNALED : status;
}

TEST_F(map, mprotect)
{
	char *second = self->map + self->page;

	ASSERT_EQ(0, mprotect(second, self->page, PROT_READ));
	EXPECT_EQ(SIGSEGV, write_signal(second));
	EXPECT_EQ(0, write_signal(self->map));
	EXPECT_EQ('w', self->map[0]);
	ASSERT_EQ(0, mprotect(second, self->page, PROT_NONE));
	EXPECT_EQ(SIGSEGV, write_signal(second));
	/* A writer may change his mind. */
	ASSERT_EQ(0, mprotect(self->map, self->size, RW));
	EXPECT_EQ(0, write_signal(second));
	EXPECT_EQ('w', second[0]);
	ASSERT_EQ(0, mprotect(self->map, self->size, PROT_READ));
	EXPECT_TRUE(pages_are_stamped(self->map + 2 * self->page, self->page, 2, 2));
}

/* Whatever is done to it, a reader's mapping does not become a writer's. */
TEST_F(map, reader_stays_reader)
{
	int rd = chan_peer(self->fd, O_RDONLY), mem;
	struct iovec own = { "evil", 4 }, there = { NULL, 4 };
	char *map, *moved;
	pid_t pid;

	ASSERT_LE(0, rd);
	map = mmap(NULL, self->size, PROT_READ, MAP_SHARED, rd, 0);
	ASSERT_NE(MAP_FAILED, map);
	close(rd);
	moved = mremap(map, self->size, 2 * self->page, MREMAP_MAYMOVE);
	ASSERT_NE(MAP_FAILED, moved);
	advise(moved, self->page, MADV_DONTNEED);
	EXPECT_EQ(-1, mprotect(moved, self->page, RW));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-1, mprotect(moved, self->page, PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	pid = child_fork();
	ASSERT_LE(0, pid);
	if (pid == 0)
		_exit(mprotect(moved, self->page, RW) ? errno : 0);
	EXPECT_EQ(EACCES, child_wait(pid));
	/* Nor for those who read and write the memory of others. */
	there.iov_base = moved;
	EXPECT_EQ(-1, process_vm_writev(getpid(), &own, 1, &there, 1, 0));
	mem = open("/proc/self/mem", O_RDWR);
	ASSERT_LE(0, mem);
	EXPECT_EQ(-1, pwrite(mem, "evil", 4, (off_t)(uintptr_t)moved));
	close(mem);
	EXPECT_TRUE(pages_are_stamped(self->map, self->page, 0, PAGES));
}

/* It can be read where it is the same memory, and never be written. */
TEST_F(map, private)
{
	char *map = mmap(NULL, self->size, PROT_READ, MAP_PRIVATE, self->fd, 0);

	ASSERT_NE(MAP_FAILED, map);
	EXPECT_TRUE(pages_are_stamped(map, self->page, 0, PAGES));
	pages_stamp(self->map, self->page, 7, PAGES);
	EXPECT_TRUE(pages_are_stamped(map, self->page, 7, PAGES));
	EXPECT_EQ(-1, mprotect(map, self->page, RW));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(SIGSEGV, write_signal(map));
}

TEST_F(map, mlock)
{
	char *map = mmap(NULL, self->size, RW, MAP_SHARED, self->fd, 0);

	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(0, pages_present(map, self->size));
	ASSERT_EQ(0, mlock(map, self->size));
	EXPECT_EQ(PAGES, pages_present(map, self->size));
	EXPECT_EQ(0, mapping_kib(map, "Locked:"));
	ASSERT_EQ(0, munlock(map, self->size));
	EXPECT_TRUE(pages_are_stamped(map, self->page, 0, PAGES));
}

TEST_F(map, populate)
{
	char *map = mmap(NULL, self->size, RW, MAP_SHARED | MAP_POPULATE, self->fd, 0);
	long faults;

	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(PAGES, pages_present(map, self->size));
	/* Once through the code. */
	EXPECT_TRUE(pages_are_stamped(map, self->page, 0, PAGES));
	faults = minor_faults();
	EXPECT_TRUE(pages_are_stamped(map, self->page, 0, PAGES));
	EXPECT_EQ(faults, minor_faults());
	munmap(map, self->size);
	/* Without it there are none before they are touched. */
	map = mmap(NULL, self->size, RW, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(0, pages_present(map, self->size));
	EXPECT_TRUE(pages_are_stamped(map, self->page, 0, PAGES));
	EXPECT_EQ(PAGES, pages_present(map, self->size));
}

/* By a process that has never mapped it. */
TEST_F(map, process_vm_readv)
{
	struct iovec there = { self->map + self->page, 8 };
	pid_t pid, parent = getpid();

	pid = child_fork();
	ASSERT_LE(0, pid);
	if (pid == 0) {
		struct iovec own = { (char[8]) { 0 }, 8 };

		munmap(self->map, self->size);
		if (process_vm_readv(parent, &own, 1, &there, 1, 0) != 8 ||
		    strcmp(own.iov_base, "page 1"))
			_exit(1);
		strcpy(own.iov_base, "writte");
		_exit(process_vm_writev(parent, &own, 1, &there, 1, 0) == 8 ? 0 : 2);
	}
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_STREQ("writte", self->map + self->page);
}

/* Pages that a pipe has are there, with their bytes, when nothing else is left. */
TEST_F(map, pinned_beyond_all)
{
	struct iovec iov = { self->map + self->page, 2 * self->page };
	struct ipcchan_attach limits = { .buf_size = 64 * self->size };
	struct ipcchan_info info;
	char *there, *again;
	int fds[2], fd;

	there = mmap(NULL, 2 * self->page, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, there);
	ASSERT_EQ(0, chan_info(self->fd, &info));
	ASSERT_EQ(0, pipe(fds));
	ASSERT_EQ(2 * self->page, vmsplice(fds[1], &iov, 1, 0));
	munmap(self->map, self->size);
	close(self->fd);
	EXPECT_FALSE(chan_exists(info.id));
	/* Who gets memory now does not get these pages. */
	fd = chan_anon(&limits);
	ASSERT_LE(0, fd);
	again = mmap(NULL, limits.buf_size, RW, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, again);
	memset(again, 0xee, limits.buf_size);
	ASSERT_EQ(self->page, read(fds[0], there, self->page));
	ASSERT_EQ(self->page, read(fds[0], there + self->page, self->page));
	EXPECT_TRUE(pages_are_stamped(there, self->page, 1, 2));
	self->fd = fd;
}

TEST_HARNESS_MAIN
