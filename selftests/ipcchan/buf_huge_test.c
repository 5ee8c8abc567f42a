// SPDX-License-Identifier: GPL-2.0
/* Shared buffers in huge pages, and of a NUMA node. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "genl.h"
#include "mapping.h"
#include "util.h"

#include "harness.h"

#define RW	(PROT_READ | PROT_WRITE)
#define SMALL	3	/* pages after the huge ones */
#define HUGE	2	/* huge pages */

#define NO_HUGE	"this kernel has no huge pages for shared memory"

FIXTURE(huge) {
	size_t page;
	size_t huge;		/* bytes of a huge page */
	size_t size;
	int pages;		/* small ones in all of it */
	int fd;
	struct ipcchan_info info;
	char *map;		/* aligned */
};

static char *map_at(int fd, size_t size, int prot, size_t align, size_t skew)
{
	char *at = aligned_address(size, align, skew);

	return mmap(at, size, prot, MAP_SHARED | MAP_FIXED, fd, 0);
}

/* All of memory that can be moved together is. */
static void defragment(void)
{
	int fd = open("/proc/sys/vm/compact_memory", O_WRONLY);

	if (fd < 0 || write(fd, "1", 1) != 1)
		return;
	close(fd);
}

FIXTURE_SETUP(huge)
{
	struct ipcchan_attach limits = { .buf_flags = IPCCHAN_BUF_HUGE };

	self->page = sysconf(_SC_PAGESIZE);
	self->huge = huge_page_size();
	self->fd = -1;
	if (!self->huge)
		return;
	self->size = HUGE * self->huge + SMALL * self->page;
	self->pages = self->size / self->page;
	limits.buf_size = self->size;
	defragment();
	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, chan_info(self->fd, &self->info));
	ASSERT_EQ(HUGE * self->huge, self->info.buf_huge);
	self->map = map_at(self->fd, self->size, RW, self->huge, 0);
	ASSERT_NE(MAP_FAILED, self->map);
	pages_stamp(self->map, self->page, 0, self->pages);
}

FIXTURE_TEARDOWN(huge)
{
	close(self->fd);
}

static bool all_stamped(FIXTURE_DATA(huge) *self, const char *map)
{
	return pages_are_stamped(map, self->page, 0, self->pages);
}

/* KiB of a mapping that the page tables have as huge pages. */
static long as_huge(const void *map)
{
	return mapping_kib(map, "FilePmdMapped:");
}

/* What that is for so many huge pages. */
static long in_one(FIXTURE_DATA(huge) *self, int pages)
{
	return huge_pages_mapped() ? pages * (long)self->huge / 1024 : 0;
}

TEST_F(huge, info)
{
	const struct ipcchan_info *info = &self->info;
	struct genl *g = genl_open();
	struct genl_chan c;

	if (!self->huge)
		SKIP(return, NO_HUGE);
	ASSERT_NE(NULL, g);
	EXPECT_EQ(self->size, info->buf_size);
	EXPECT_EQ(IPCCHAN_BUF_HUGE, info->buf_flags);
	EXPECT_EQ(0, info->buf_node);
	EXPECT_EQ(self->huge, info->buf_align);
	ASSERT_EQ(0, genl_get(g, NULL, info->id, &c));
	EXPECT_EQ(info->buf_huge, c.buf_huge);
	EXPECT_EQ(IPCCHAN_BUF_HUGE, c.buf_flags);
	genl_close(g);
}

/* Where none is asked for, or the buffer is smaller than one, there is none. */
TEST_F(huge, only_where_asked)
{
	struct ipcchan_attach limits = { .buf_size = self->size };
	struct ipcchan_info info;
	int fd = chan_anon(&limits);

	if (!self->huge)
		SKIP(return, NO_HUGE);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, chan_info(fd, &info));
	EXPECT_EQ(0, info.buf_huge);
	EXPECT_EQ(self->page, info.buf_align);
	close(fd);
	limits.buf_size = self->huge - self->page;
	limits.buf_flags = IPCCHAN_BUF_HUGE;
	fd = chan_anon(&limits);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, chan_info(fd, &info));
	EXPECT_EQ(0, info.buf_huge);
	EXPECT_EQ(self->page, info.buf_align);
	close(fd);
}

/* One fault for each huge page, and the same bytes as by small ones. */
TEST_F(huge, mapped_as_such)
{
	char *map = map_at(self->fd, self->size, RW, self->huge, 0), *skewed;
	long faults = minor_faults();
	bool stamped;

	if (!self->huge)
		SKIP(return, NO_HUGE);
	ASSERT_NE(MAP_FAILED, map);
	stamped = all_stamped(self, map);
	/* Before anything of the program itself is touched for the first time. */
	faults = minor_faults() - faults;
	EXPECT_TRUE(stamped);
	if (huge_pages_mapped()) {
		EXPECT_GE(HUGE + SMALL, faults);
	}
	EXPECT_EQ(in_one(self, HUGE), as_huge(map));
	/* Not aligned as its offset is: the same, in small pieces. */
	skewed = map_at(self->fd, self->size, RW, self->huge, self->page);
	ASSERT_NE(MAP_FAILED, skewed);
	EXPECT_TRUE(all_stamped(self, skewed));
	EXPECT_EQ(0, as_huge(skewed));
	strcpy(skewed + self->huge + 5 * self->page, "by small");
	EXPECT_STREQ("by small", map + self->huge + 5 * self->page);
	munmap(map, self->size);
	EXPECT_STREQ("by small", self->map + self->huge + 5 * self->page);
	munmap(skewed, self->size);
}

TEST_F(huge, reader)
{
	int rd = chan_peer(self->fd, O_RDONLY);
	char *map;

	if (!self->huge)
		SKIP(return, NO_HUGE);
	ASSERT_LE(0, rd);
	map = map_at(rd, self->size, PROT_READ, self->huge, 0);
	ASSERT_NE(MAP_FAILED, map);
	close(rd);
	EXPECT_TRUE(all_stamped(self, map));
	EXPECT_EQ(in_one(self, HUGE), as_huge(map));
	EXPECT_EQ(-1, mprotect(map, self->size, RW));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-1, mprotect(map + self->page, self->page, PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	strcpy(self->map + self->page, "seen");
	EXPECT_STREQ("seen", map + self->page);
}

/* One small page out of the first huge one: the rest stays, in small pieces. */
TEST_F(huge, partial_unmap)
{
	char *hole = self->map + 7 * self->page;

	if (!self->huge)
		SKIP(return, NO_HUGE);
	ASSERT_EQ(0, munmap(hole, self->page));
	EXPECT_TRUE(pages_are_stamped(self->map, self->page, 0, 7));
	EXPECT_TRUE(pages_are_stamped(hole + self->page, self->page, 8, self->pages - 8));
	EXPECT_EQ(in_one(self, HUGE - 1), as_huge(hole + self->page));
	EXPECT_EQ(0, as_huge(self->map));
	close(self->fd);
	ASSERT_EQ(0, munmap(self->map, 7 * self->page));
	EXPECT_TRUE(chan_exists(self->info.id));
	EXPECT_TRUE(pages_are_stamped(hole + self->page, self->page, 8, self->pages - 8));
	ASSERT_EQ(0, munmap(hole + self->page, (self->pages - 8) * self->page));
	EXPECT_FALSE(chan_exists(self->info.id));
	self->fd = -1;
}

TEST_F(huge, partial_mprotect)
{
	char *at = self->map + 7 * self->page;
	pid_t pid;

	if (!self->huge)
		SKIP(return, NO_HUGE);
	ASSERT_EQ(0, mprotect(at, self->page, PROT_READ));
	EXPECT_TRUE(all_stamped(self, self->map));
	strcpy(self->map + 8 * self->page, "page 8");
	pid = child_fork();
	ASSERT_LE(0, pid);
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		*at = 'w';
		_exit(0);
	}
	EXPECT_EQ(CHILD_SIGNALED + SIGSEGV, child_wait(pid));
	/* As a whole, too, and back. */
	ASSERT_EQ(0, mprotect(self->map, self->size, PROT_READ));
	EXPECT_TRUE(all_stamped(self, self->map));
	ASSERT_EQ(0, mprotect(self->map, self->size, RW));
	strcpy(at, "page 7");
	EXPECT_TRUE(all_stamped(self, self->map));
}

TEST_F(huge, mremap)
{
	char *to = aligned_address(self->size, self->huge, 0), *skewed;

	if (!self->huge)
		SKIP(return, NO_HUGE);
	ASSERT_EQ(to, mremap(self->map, self->size, self->size,
			     MREMAP_MAYMOVE | MREMAP_FIXED, to));
	EXPECT_TRUE(all_stamped(self, to));
	EXPECT_EQ(in_one(self, HUGE), as_huge(to));
	skewed = aligned_address(self->size, self->huge, self->page);
	ASSERT_EQ(skewed, mremap(to, self->size, self->size,
				 MREMAP_MAYMOVE | MREMAP_FIXED, skewed));
	EXPECT_TRUE(all_stamped(self, skewed));
	EXPECT_EQ(0, as_huge(skewed));
	EXPECT_EQ(MAP_FAILED, mremap(skewed, self->size, self->size + self->page,
				     MREMAP_MAYMOVE));
	EXPECT_TRUE(all_stamped(self, skewed));
	/* Shrunk to the midst of a huge page. */
	ASSERT_EQ(skewed, mremap(skewed, self->size, self->huge + self->page, 0));
	EXPECT_TRUE(pages_are_stamped(skewed, self->page, 0, self->huge / self->page + 1));
}

TEST_F(huge, fork)
{
	pid_t pid;

	if (!self->huge)
		SKIP(return, NO_HUGE);
	pid = child_fork();
	ASSERT_LE(0, pid);
	if (pid == 0) {
		close(self->fd);
		if (!all_stamped(self, self->map))
			_exit(1);
		strcpy(self->map + self->huge, "by a child");
		if (munmap(self->map + self->page, self->page))
			_exit(2);
		_exit(pages_are_stamped(self->map, self->page, 0, 1) ? 0 : 3);
	}
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_STREQ("by a child", self->map + self->huge);
	EXPECT_TRUE(pages_are_stamped(self->map, self->page, 0, 20));
}

TEST_F(huge, advice)
{
	static const int advice[] = {
		MADV_DONTNEED, MADV_COLD, MADV_PAGEOUT, MADV_WILLNEED, MADV_HUGEPAGE,
		MADV_FREE, MADV_REMOVE,
	};
	unsigned int i;

	if (!self->huge)
		SKIP(return, NO_HUGE);
	for (i = 0; i < ARRAY_SIZE(advice); i++) {
		/* All of it, and a part of a huge page. */
		madvise(self->map, self->size, advice[i]);
		EXPECT_TRUE(all_stamped(self, self->map)) TH_LOG("advice %d", advice[i]);
		madvise(self->map + 3 * self->page, 9 * self->page, advice[i]);
		EXPECT_TRUE(all_stamped(self, self->map)) TH_LOG("advice %d", advice[i]);
	}
	ASSERT_EQ(0, mlock(self->map, self->size));
	EXPECT_TRUE(all_stamped(self, self->map));
	ASSERT_EQ(0, munlock(self->map, self->size));
}

/* A part of a huge page, held by a pipe, when its buffer is gone. */
TEST_F(huge, pinned_beyond_all)
{
	struct iovec iov = { self->map + 9 * self->page, self->page };
	struct ipcchan_attach limits = {
		.buf_size = self->size, .buf_flags = IPCCHAN_BUF_HUGE,
	};
	char there[16];
	int fds[2], fd;
	char *again;

	if (!self->huge)
		SKIP(return, NO_HUGE);
	ASSERT_EQ(0, pipe(fds));
	ASSERT_EQ((ssize_t)self->page, vmsplice(fds[1], &iov, 1, 0));
	munmap(self->map, self->size);
	close(self->fd);
	EXPECT_FALSE(chan_exists(self->info.id));
	fd = chan_anon(&limits);
	ASSERT_LE(0, fd);
	again = map_at(fd, self->size, RW, self->huge, 0);
	ASSERT_NE(MAP_FAILED, again);
	memset(again, 0xee, self->size);
	ASSERT_EQ(16, read(fds[0], there, 16));
	EXPECT_STREQ("page 9", there);
	self->fd = fd;
}

TEST_F(huge, words)
{
	struct ipcchan_wait w = { .expected = 1 };
	struct ipcchan_wake k = { .count = 1 };
	uint64_t offset;

	if (!self->huge)
		SKIP(return, NO_HUGE);
	for (offset = 0; offset < self->size; offset += self->huge / 4 + 4) {
		w.offset = offset & ~3ull;
		k.offset = w.offset;
		*(uint32_t *)(self->map + w.offset) = 1;
		EXPECT_EQ(-ETIMEDOUT, do_ioctl(self->fd, IPCCHAN_IOC_WAIT, &w));
		*(uint32_t *)(self->map + w.offset) = 2;
		EXPECT_EQ(-EAGAIN, do_ioctl(self->fd, IPCCHAN_IOC_WAIT, &w));
		EXPECT_EQ(0, do_ioctl(self->fd, IPCCHAN_IOC_WAKE, &k));
	}
}

static long mem_free_kib(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[256];
	long kib = -ENOENT;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemFree: %ld", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

/* All of it is given back: mapped by huge and by small ones, and not mapped at all. */
TEST_F(huge, given_back)
{
	struct ipcchan_attach limits = {
		.buf_size = 8 * self->huge + self->page, .buf_flags = IPCCHAN_BUF_HUGE,
	};
	const int rounds = 8;
	long before = mem_free_kib();
	int i;

	if (!self->huge)
		SKIP(return, NO_HUGE);
	for (i = 0; i < rounds; i++) {
		int fd = chan_anon(&limits);
		char *map, *skewed;

		ASSERT_LE(0, fd);
		if (i % 4) {
			map = map_at(fd, limits.buf_size, RW, self->huge, 0);
			skewed = map_at(fd, limits.buf_size, RW, self->huge, self->page);
			ASSERT_NE(MAP_FAILED, map);
			ASSERT_NE(MAP_FAILED, skewed);
			EXPECT_EQ(0, map[self->huge + 1]);
			memset(map, 0xaa, limits.buf_size);
			EXPECT_EQ(0, memcmp(map, skewed, 3 * self->huge));
			munmap(map + self->page, limits.buf_size - self->page);
			munmap(map, self->page);
			munmap(skewed, limits.buf_size);
		}
		close(fd);
	}
	EXPECT_LT(before - rounds * (long)limits.buf_size / 1024 / 2, mem_free_kib());
}

/* What is asked for is had in small pages where it cannot be in huge ones. */
TEST(on_every_kernel)
{
	struct ipcchan_attach limits = {
		.buf_size = 9 << 20, .buf_flags = IPCCHAN_BUF_HUGE,
	};
	const size_t page = sysconf(_SC_PAGESIZE), huge = huge_page_size();
	struct ipcchan_info info;
	int fd = chan_anon(&limits);
	char *map;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, chan_info(fd, &info));
	EXPECT_EQ(limits.buf_size, info.buf_size);
	EXPECT_EQ(0, huge ? info.buf_huge % huge : info.buf_huge);
	EXPECT_EQ(info.buf_huge ? huge : page, info.buf_align);
	map = mmap(NULL, limits.buf_size, RW, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, map);
	pages_stamp(map, page, 0, limits.buf_size / page);
	EXPECT_TRUE(pages_are_stamped(map, page, 0, limits.buf_size / page));
	munmap(map, limits.buf_size);
	close(fd);
}

/* Each page of a mapping on this node? */
static bool all_on_node(char *map, size_t size, size_t page, int node)
{
	size_t i;

	for (i = 0; i < size; i += page) {
		void *at = map + i;
		int status = -1;

		if (syscall(SYS_move_pages, 0, 1ul, &at, NULL, &status, 0) ||
		    status != node)
			return false;
	}
	return true;
}

static bool has_memory(int node)
{
	char path[64], line[128];
	long kib = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/meminfo", node);
	f = fopen(path, "re");
	if (!f || !fgets(line, sizeof(line), f) ||
	    sscanf(line, "Node %*d MemTotal: %ld", &kib) != 1)
		kib = 0;
	if (f)
		fclose(f);
	return kib > 0;
}

static void of_node(struct __test_metadata *_metadata, int node, uint32_t flags)
{
	struct ipcchan_attach limits = {
		.buf_size = 9 << 20, .buf_flags = IPCCHAN_BUF_NODE | flags,
		.buf_node = node,
	};
	struct ipcchan_info info;
	int fd = chan_anon(&limits);
	char *map;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, chan_info(fd, &info));
	EXPECT_EQ(limits.buf_flags, info.buf_flags);
	EXPECT_EQ(limits.buf_node, info.buf_node);
	map = mmap(NULL, limits.buf_size, RW, MAP_SHARED | MAP_POPULATE, fd, 0);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_TRUE(all_on_node(map, limits.buf_size, sysconf(_SC_PAGESIZE), node))
		TH_LOG("node %d", node);
	munmap(map, limits.buf_size);
	close(fd);
}

TEST(node)
{
	struct ipcchan_attach limits = {
		.buf_size = 1, .buf_flags = IPCCHAN_BUF_NODE, .buf_node = 1,
	};

	if (!has_memory(0))
		SKIP(return, "this kernel has no NUMA nodes");
	of_node(_metadata, 0, 0);
	of_node(_metadata, 0, IPCCHAN_BUF_HUGE);
	while (has_memory(limits.buf_node))
		limits.buf_node++;
	EXPECT_EQ(-EINVAL, chan_anon(&limits));
}

TEST(second_node)
{
	if (!has_memory(1))
		SKIP(return, "this machine has one NUMA node");
	of_node(_metadata, 1, 0);
	of_node(_metadata, 1, IPCCHAN_BUF_HUGE);
}

TEST_HARNESS_MAIN
