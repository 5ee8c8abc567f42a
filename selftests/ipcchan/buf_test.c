// SPDX-License-Identifier: GPL-2.0
/* The shared buffer: rights, and life beyond every order of letting go. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "genl.h"
#include "util.h"

#include "harness.h"

#define PAGES	4
#define RW	(PROT_READ | PROT_WRITE)

FIXTURE(buf) {
	char name[IPCCHAN_NAME_SIZE];
	long page;
	size_t size;
	int fd;
	char *map;
};

static char *map_shared(int fd, size_t len, int prot, off_t off)
{
	return mmap(NULL, len, prot, MAP_SHARED, fd, off);
}

FIXTURE_SETUP(buf)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_CREATE };

	unique_name(self->name);
	strcpy(a.name, self->name);
	self->page = sysconf(_SC_PAGESIZE);
	self->size = PAGES * self->page;
	a.buf_size = self->size;
	self->fd = chan_open(O_RDWR, &a);
	ASSERT_LE(0, self->fd);
	self->map = map_shared(self->fd, self->size, RW, 0);
	ASSERT_NE(MAP_FAILED, self->map);
}

FIXTURE_TEARDOWN(buf)
{
	close(self->fd);
	chan_unlink(self->name);
}

/* mmap() that must fail. */
#define EXPECT_NO_MAP(error, fd, len, prot, flags, off) do { \
	errno = 0; \
	EXPECT_EQ(MAP_FAILED, mmap(NULL, len, prot, flags, fd, off)); \
	EXPECT_EQ(error, errno); \
} while (0)

TEST_F(buf, zeroed)
{
	size_t i;

	for (i = 0; i < self->size; i++) {
		ASSERT_EQ(0, self->map[i]);
	}
}

/* Pages that carried data come back clean in the next channel. */
TEST_F(buf, zeroed_again)
{
	struct ipcchan_attach limits = { .buf_size = self->size };
	size_t i, round;

	for (round = 0; round < 8; round++) {
		int fd = chan_anon(&limits);
		char *map;

		ASSERT_LE(0, fd);
		map = map_shared(fd, self->size, RW, 0);
		ASSERT_NE(MAP_FAILED, map);
		for (i = 0; i < self->size; i++) {
			ASSERT_EQ(0, map[i]);
		}
		memset(map, 0xaa, self->size);
		munmap(map, self->size);
		close(fd);
	}
}

TEST_F(buf, same_bytes_everywhere)
{
	char *own = map_shared(self->fd, self->size, RW, 0), *named;
	int fd = chan_named(self->name, O_RDWR, 0);
	pid_t pid;

	ASSERT_NE(MAP_FAILED, own);
	ASSERT_LE(0, fd);
	named = map_shared(fd, self->size, RW, 0);
	ASSERT_NE(MAP_FAILED, named);
	strcpy(self->map + self->page - 2, "across");
	EXPECT_STREQ("across", own + self->page - 2);
	EXPECT_STREQ("across", named + self->page - 2);

	pid = child_fork();
	ASSERT_LE(0, pid);
	if (pid == 0) {
		int other = chan_named(self->name, O_RDWR, 0);
		char *map = map_shared(other, self->size, RW, 0);

		if (map == MAP_FAILED || strcmp(map + self->page - 2, "across"))
			_exit(1);
		strcpy(map + 2 * self->page, "by a child");
		strcpy(self->map + 3 * self->page, "inherited");
		_exit(0);
	}
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_STREQ("by a child", self->map + 2 * self->page);
	EXPECT_STREQ("inherited", named + 3 * self->page);
	close(fd);
}

TEST_F(buf, receiver_maps_read_only)
{
	int rd = chan_peer(self->fd, O_RDONLY);
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_FD, .fd = self->fd, .role = IPCCHAN_ROLE_RECV,
	};
	int rdwr = chan_open(O_RDWR, &a);
	int fds[2] = { rd, rdwr }, i;

	ASSERT_LE(0, rd);
	ASSERT_LE(0, rdwr);
	strcpy(self->map, "data");
	for (i = 0; i < 2; i++) {
		char *map;

		EXPECT_NO_MAP(EACCES, fds[i], self->size, RW, MAP_SHARED, 0);
		EXPECT_NO_MAP(EACCES, fds[i], self->size, PROT_WRITE, MAP_SHARED, 0);
		map = map_shared(fds[i], self->size, PROT_READ, 0);
		ASSERT_NE(MAP_FAILED, map);
		EXPECT_STREQ("data", map);
		EXPECT_EQ(-1, mprotect(map, self->size, RW));
		EXPECT_EQ(EACCES, errno);
		EXPECT_EQ(-1, mprotect(map, self->page, PROT_WRITE));
		EXPECT_EQ(EACCES, errno);
		/* Nor through the memory of the process. */
		if (i == 0) {
			int mem = open("/proc/self/mem", O_RDWR);

			ASSERT_LE(0, mem);
			EXPECT_EQ(-1, pwrite(mem, "evil", 4, (off_t)(uintptr_t)map));
			close(mem);
		}
		EXPECT_STREQ("data", map);
		munmap(map, self->size);
	}
	close(rd);
	close(rdwr);
}

/* A channel's O_WRONLY endpoint cannot be mapped for reading, nor thus at all. */
TEST_F(buf, write_only_descriptor)
{
	int wr = chan_peer(self->fd, O_WRONLY);

	ASSERT_LE(0, wr);
	EXPECT_NO_MAP(EACCES, wr, self->size, RW, MAP_SHARED, 0);
	EXPECT_NO_MAP(EACCES, wr, self->size, PROT_WRITE, MAP_SHARED, 0);
	close(wr);
}

TEST_F(buf, private_mappings)
{
	char *map;

	EXPECT_NO_MAP(EINVAL, self->fd, self->size, RW, MAP_PRIVATE, 0);
	EXPECT_NO_MAP(EINVAL, self->fd, self->size, PROT_WRITE, MAP_PRIVATE, 0);
	/* A private one to read, where there is one, never turns into a copy. */
	map = mmap(NULL, self->size, PROT_READ, MAP_PRIVATE, self->fd, 0);
	if (map == MAP_FAILED) {
		EXPECT_EQ(EINVAL, errno);
	} else {
		EXPECT_EQ(-1, mprotect(map, self->size, RW));
		EXPECT_EQ(EACCES, errno);
	}
}

TEST_F(buf, bounds)
{
	const long page = self->page;
	char *map;

	EXPECT_NO_MAP(EINVAL, self->fd, self->size + 1, RW, MAP_SHARED, 0);
	EXPECT_NO_MAP(EINVAL, self->fd, self->size + page, RW, MAP_SHARED, 0);
	EXPECT_NO_MAP(EINVAL, self->fd, 1ul << 40, RW, MAP_SHARED, 0);
	EXPECT_NO_MAP(EINVAL, self->fd, self->size, RW, MAP_SHARED, page);
	EXPECT_NO_MAP(EINVAL, self->fd, page, RW, MAP_SHARED, (off_t)self->size);
	EXPECT_NO_MAP(EINVAL, self->fd, page, RW, MAP_SHARED, 1l << 40);
	EXPECT_NO_MAP(EINVAL, self->fd, 2 * page, RW, MAP_SHARED, (PAGES - 1) * page);
	EXPECT_NO_MAP(EINVAL, self->fd, 0, RW, MAP_SHARED, 0);

	/* A part of it is fine. */
	self->map[(PAGES - 1) * page] = 'z';
	map = map_shared(self->fd, page, RW, (PAGES - 1) * page);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ('z', map[0]);
	munmap(map, page);
}

TEST_F(buf, nothing_to_map)
{
	int plain = chan_anon(NULL);
	int bare = dev_open(O_RDWR);
	struct ipcchan_info info;

	ASSERT_LE(0, plain);
	ASSERT_LE(0, bare);
	EXPECT_NO_MAP(ENODEV, plain, self->page, RW, MAP_SHARED, 0);
	EXPECT_NO_MAP(ENOTCONN, bare, self->page, RW, MAP_SHARED, 0);
	/* Mapping, unlike reading, does not attach. */
	EXPECT_EQ(-ENOTCONN, chan_info(bare, &info));
	close(plain);
	close(bare);
}

TEST_F(buf, largest)
{
	struct ipcchan_attach limits = { .buf_size = 8 << 20 };
	struct ipcchan_query q = { 0 };
	char *map;
	size_t i;
	int fd;

	ASSERT_EQ(0, do_ioctl(self->fd, IPCCHAN_IOC_QUERY, &q));
	if (q.limit_buf_size < limits.buf_size)
		limits.buf_size = q.limit_buf_size;
	fd = chan_anon(&limits);
	ASSERT_LE(0, fd);
	map = map_shared(fd, limits.buf_size, RW, 0);
	ASSERT_NE(MAP_FAILED, map);
	for (i = 0; i < limits.buf_size; i += self->page)
		*(size_t *)(map + i) = i;
	for (i = 0; i < limits.buf_size; i += self->page) {
		ASSERT_EQ(i, *(size_t *)(map + i));
	}
	munmap(map, limits.buf_size);
	close(fd);
}

TEST_HARNESS_MAIN
