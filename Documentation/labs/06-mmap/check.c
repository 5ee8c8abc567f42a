// SPDX-License-Identifier: GPL-2.0
/* The points of lab 6 that take a device. */
#include <sys/ioctl.h>

#include "points.h"

#include "lab6.h"

#define BUFFER		"/dev/lab6"
#define BUFFERS		"/sys/module/lab6/parameters/buffers"
#define PAGE		4096
#define SIZE		(LAB6_PAGES * PAGE)
#define RW		(PROT_READ | PROT_WRITE)

static int buffer_open(int flags)
{
	int fd = open(BUFFER, flags);

	need(fd >= 0, "open(" BUFFER "): %m");
	return fd;
}

/* An open file, of a buffer of zeroes. */
static int buffer_new(void)
{
	int fd = buffer_open(O_RDWR);

	need(!ioctl(fd, LAB6_NEW), "LAB6_NEW: %m");
	return fd;
}

static char *map(int fd, size_t len, off_t offset)
{
	char *addr = mmap(NULL, len, RW, MAP_SHARED, fd, offset);

	need(addr != MAP_FAILED, "mmap() of %zu bytes from %ld on: %m", len, offset);
	return addr;
}

static void put(int fd, const char *text, off_t offset)
{
	ssize_t len = strlen(text), ret = pwrite(fd, text, len, offset);

	need(ret == len, "a write of %zd bytes has returned %zd: %m", len, ret);
}

/* The file holds this at @offset. */
static void holds(int fd, const char *want, off_t offset)
{
	char buf[64] = "";
	ssize_t len = strlen(want), ret = pread(fd, buf, len, offset);

	need(ret == len, "a read of %zd bytes has returned %zd: %m", len, ret);
	need(!memcmp(buf, want, len), "the file holds \"%s\", not \"%s\"", buf, want);
}

/* So does the mapping. */
static void shows(const char *addr, const char *want, const char *who)
{
	need(!memcmp(addr, want, strlen(want)), "%s has \"%.*s\", not \"%s\"", who,
	     (int)strlen(want), addr, want);
}

/* There are so many buffers. */
static void buffers(int want, const char *when)
{
	FILE *file = fopen(BUFFERS, "r");
	int count;

	need(file && fscanf(file, "%d", &count) == 1, BUFFERS ": %m");
	fclose(file);
	need(count == want, "%s there are %d buffers, not %d", when, count, want);
}

static void read_write(void)
{
	int fd = buffer_new();

	put(fd, "across", PAGE - 3);
	holds(fd, "across", PAGE - 3);
	need(pwrite(fd, "12", 2, SIZE - 1) == 1, "a write at the end takes what is beyond it");
}

static void new_one(void)
{
	int fd = buffer_new();
	char byte = 1;

	put(fd, "old", 0);
	need(!ioctl(fd, LAB6_NEW), "LAB6_NEW: %m");
	need(pread(fd, &byte, 1, 0) == 1 && !byte, "a new buffer is not of zeroes");
	buffers(1, "after LAB6_NEW");
}

static void mapped(void)
{
	int fd = buffer_new();
	char *addr = map(fd, SIZE, 0);

	put(fd, "by write", PAGE - 2);
	shows(addr + PAGE - 2, "by write", "the mapping");
	memcpy(addr + SIZE - 4, "store", 4);
	holds(fd, "stor", SIZE - 4);
}

static void part(void)
{
	int fd = buffer_new();
	char *addr = map(fd, PAGE, 2 * PAGE);

	put(fd, "third page", 2 * PAGE);
	shows(addr, "third page", "a mapping of the third page");
}

/* Not because there are no mappings at all. */
static void beyond(void)
{
	int fd = buffer_new();
	char *addr = map(fd, SIZE, 0);

	need(mmap(NULL, SIZE + PAGE, RW, MAP_SHARED, fd, 0) == MAP_FAILED,
	     "more than the buffer can be mapped");
	need(mmap(NULL, SIZE, RW, MAP_SHARED, fd, PAGE) == MAP_FAILED,
	     "what is behind the buffer can be mapped, too");
	need(mmap(NULL, PAGE, RW, MAP_SHARED, fd, SIZE) == MAP_FAILED,
	     "the page behind the buffer can be mapped");
	need(mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, (off_t)(~0UL << 13 >> 1)) == MAP_FAILED,
	     "a page at the end of all offsets can be mapped");
	munmap(addr, SIZE);
	need(!ioctl(fd, LAB6_NEW), "LAB6_NEW: %m");
	buffers(1, "after mappings that were refused");
}

static void shared(void)
{
	char *one = map(buffer_new(), SIZE, 0), *two = map(buffer_open(O_RDWR), SIZE, 0);
	pid_t pid;

	strcpy(one, "to the other file");
	shows(two, "to the other file", "the other's mapping");
	pid = point_fork();
	if (pid == 0) {
		strcpy(two, "to the other process");
		_exit(0);
	}
	ends_well(pid, 10000, "the other process");
	shows(one, "to the other process", "this process's mapping");
}

static void outlives(void)
{
	int fd = buffer_new();
	char *addr = map(fd, SIZE, 0);

	close(fd);
	strcpy(addr, "no descriptor");
	holds(buffer_open(O_RDONLY), "no descriptor", 0);
}

/* Fills the memory that was given up meanwhile, if it was. */
static void reuse(void)
{
	char *other = mmap(NULL, 1 << 24, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	need(other != MAP_FAILED, "mmap(): %m");
	memset(other, 'x', 1 << 24);
}

static void kept(void)
{
	int fd = buffer_new(), i;
	char *addr = map(fd, SIZE, 0);

	memset(addr, 'a', SIZE);
	need(!ioctl(fd, LAB6_NEW), "LAB6_NEW: %m");
	put(fd, "bbbbbbbb", 0);
	reuse();
	for (i = 0; i < SIZE; i++)
		need(addr[i] == 'a', "byte %d of the old buffer has become 0x%02x", i,
		     (unsigned char)addr[i]);
	shows(map(fd, SIZE, 0), "bbbbbbbb", "a mapping of the new buffer");
}

static void counted(void)
{
	int fd = buffer_new(), i;
	char *addr;

	for (i = 0; i < 10; i++) {
		addr = map(fd, SIZE, 0);
		need(!ioctl(fd, LAB6_NEW), "LAB6_NEW: %m");
		buffers(2, "while the old one is mapped");
		munmap(addr, SIZE);
		buffers(1, "when the old one is unmapped");
	}
}

static void forked(void)
{
	int fd = buffer_new(), go[2];
	char *addr = map(fd, SIZE, 0), byte;
	pid_t pid;

	strcpy(addr, "for the child");
	need(!pipe(go), "pipe(): %m");
	pid = point_fork();
	if (pid == 0) {
		close(go[1]);
		need(read(go[0], &byte, 1) == 0, "read(): %m");
		shows(addr, "for the child", "the child's mapping");
		_exit(0);
	}
	need(!ioctl(fd, LAB6_NEW), "LAB6_NEW: %m");
	munmap(addr, SIZE);
	buffers(2, "while only the child has mapped the old one");
	reuse();
	close(go[1]);
	ends_well(pid, 10000, "the child");
	buffers(1, "when the child has ended");
}

static void cut(void)
{
	int fd = buffer_new();
	char *addr = map(fd, SIZE, 0);

	strcpy(addr + 3 * PAGE, "last page");
	need(!ioctl(fd, LAB6_NEW), "LAB6_NEW: %m");
	munmap(addr + PAGE, PAGE);
	munmap(addr, PAGE);
	buffers(2, "while a part of the old one is mapped");
	reuse();
	shows(addr + 3 * PAGE, "last page", "what is left of the mapping");
	munmap(addr + 2 * PAGE, 2 * PAGE);
	buffers(1, "when none of it is mapped any more");
}

static void read_only(void)
{
	int fd = buffer_new();
	char *addr;

	put(fd, "look", 0);
	fd = buffer_open(O_RDONLY);
	addr = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	need(addr != MAP_FAILED, "mmap() to read: %m");
	shows(addr, "look", "the mapping");
	need(mmap(NULL, SIZE, RW, MAP_SHARED, fd, 0) == MAP_FAILED,
	     "who has opened it to read may map it to write");
	need(mprotect(addr, SIZE, RW), "who has opened it to read may write after mprotect()");
}

static void in_use(void)
{
	int fd = buffer_new(), status;

	map(fd, SIZE, 0);
	close(fd);
	status = system("rmmod lab6 2>/dev/null");
	need(status != 0, "the module could be unloaded while its buffer was mapped");
}

int main(void)
{
	point("what is written can be read", read_write);
	point("LAB6_NEW makes a new buffer, of zeroes", new_one);
	point("the buffer can be mapped, and is the same", mapped);
	point("so can a part of it", part);
	point("what is beyond its end cannot", beyond);
	point("files and processes share it", shared);
	point("a mapping outlives the descriptor", outlives);
	point("who has mapped a buffer keeps it when there is a new one", kept);
	point("with the last mapping an old buffer goes", counted);
	point("a child has its parent's mapping, and its own reference", forked);
	point("of a mapping that is cut each part has one", cut);
	point("who may only read cannot write", read_only);
	point("the module stays while the buffer is mapped", in_use);
	return 0;
}
