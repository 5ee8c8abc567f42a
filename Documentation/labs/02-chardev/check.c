// SPDX-License-Identifier: GPL-2.0
/* The points of lab 2 that take a device. */
#include <sys/stat.h>

#include "points.h"

#define PAD		"/dev/lab2"
#define PAD_SIZE	4096

#define WRITERS		4
#define LINES		64
#define LINE_LEN	8

static int pad_open(int flags)
{
	int fd = open(PAD, flags);

	need(fd >= 0, "open(" PAD "): %m");
	return fd;
}

static void pad_write(int fd, const char *text)
{
	ssize_t len = strlen(text), ret = write(fd, text, len);

	need(ret == len, "a write of %zd bytes has returned %zd: %m", len, ret);
}

/* The next @len bytes are @want, or there are none if that is "". */
static void pad_read(int fd, size_t len, const char *want)
{
	char buf[PAD_SIZE + 1];
	ssize_t ret = read(fd, buf, len);

	need(ret >= 0, "read(): %m");
	buf[ret] = '\0';
	need(!strcmp(buf, want), "a read of %zu bytes has given \"%s\", not \"%s\"", len, buf,
	     want);
}

static void pad_seek(int fd, off_t offset, int whence, off_t want)
{
	off_t ret = lseek(fd, offset, whence);

	need(ret == want, "lseek() to %ld has returned %ld, not %ld", offset, ret, want);
}

static void there(void)
{
	struct stat st;

	need(!stat(PAD, &st), "stat(" PAD "): %m");
	need(S_ISCHR(st.st_mode), PAD " is no character device");
	need((st.st_mode & 0777) == 0666, PAD " has the mode %03o", st.st_mode & 0777);
}

static void empty(void)
{
	pad_read(pad_open(O_RDONLY), 10, "");
}

static void kept(void)
{
	pad_write(pad_open(O_WRONLY), "hello, pad");
	pad_read(pad_open(O_RDONLY), PAD_SIZE, "hello, pad");
}

static void position(void)
{
	int fd = pad_open(O_RDWR);

	pad_write(fd, "01234");
	pad_write(fd, "56789");
	pad_read(fd, 10, "");
	fd = pad_open(O_RDONLY);
	pad_read(fd, 4, "0123");
	pad_read(fd, 4, "4567");
	pad_read(fd, 4, "89");
	pad_read(fd, 4, "");
}

static void own_position(void)
{
	int one = pad_open(O_RDONLY), two = pad_open(O_RDONLY);

	pad_read(one, 4, "0123");
	pad_read(two, 2, "01");
	pad_read(one, 2, "45");
}

static void seek(void)
{
	int fd = pad_open(O_RDONLY);

	pad_seek(fd, 6, SEEK_SET, 6);
	pad_read(fd, 2, "67");
	pad_seek(fd, -3, SEEK_CUR, 5);
	pad_read(fd, 1, "5");
	pad_seek(fd, -1, SEEK_END, 9);
	pad_read(fd, 8, "9");
	need(lseek(fd, -1, SEEK_SET) < 0 && errno == EINVAL, "lseek() to -1 is not EINVAL");
}

static void truncated(void)
{
	int fd = pad_open(O_RDONLY);

	pad_read(fd, 1, "0");
	close(pad_open(O_RDONLY | O_TRUNC));
	pad_read(fd, 1, "1");
	close(pad_open(O_WRONLY | O_TRUNC));
	pad_read(fd, 1, "");
	pad_seek(fd, 0, SEEK_END, 0);
}

static void gap(void)
{
	char buf[32];
	int fd = pad_open(O_RDWR | O_TRUNC), i;

	pad_write(fd, "this is a secret of somebody's");
	fd = pad_open(O_RDWR | O_TRUNC);
	pad_seek(fd, 20, SEEK_SET, 20);
	pad_write(fd, "end");
	pad_seek(fd, 0, SEEK_SET, 0);
	need(read(fd, buf, sizeof(buf)) == 23, "the pad is not 23 bytes long");
	for (i = 0; i < 20; i++)
		need(!buf[i], "byte %d, which nobody has written, is '%c'", i, buf[i]);
}

static void append(void)
{
	int fd = pad_open(O_WRONLY | O_TRUNC);

	pad_write(fd, "one");
	pad_write(pad_open(O_WRONLY | O_APPEND), "two");
	pad_write(fd, "T");
	pad_read(pad_open(O_RDONLY), PAD_SIZE, "oneTwo");
}

static void bad_memory(void)
{
	char *nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = pad_open(O_RDWR);

	pad_write(fd, "kept");
	pad_seek(fd, 0, SEEK_SET, 0);
	need(write(fd, nowhere, 8) == -1 && errno == EFAULT, "write() is not EFAULT");
	pad_seek(fd, 0, SEEK_SET, 0);
	pad_read(fd, 4, "kept");
	pad_seek(fd, 0, SEEK_SET, 0);
	need(read(fd, nowhere, 8) == -1 && errno == EFAULT, "read() is not EFAULT");
}

/* Lines of one writer, each in one write. */
static void write_lines(int writer)
{
	int fd = pad_open(O_WRONLY | O_APPEND), i;
	char line[LINE_LEN + 1];

	for (i = 0; i < LINES; i++) {
		snprintf(line, sizeof(line), "%d%05d.\n", writer, i);
		pad_write(fd, line);
	}
}

static void together(void)
{
	char buf[PAD_SIZE + 1];
	int next[WRITERS] = { 0 }, i, writer, line;
	pid_t pids[WRITERS];
	ssize_t len;

	close(pad_open(O_WRONLY | O_TRUNC));
	for (i = 0; i < WRITERS; i++) {
		pids[i] = point_fork();
		if (pids[i] == 0) {
			write_lines(i);
			_exit(0);
		}
	}
	for (i = 0; i < WRITERS; i++)
		ends_well(pids[i], 20000, "a writer");
	len = read(pad_open(O_RDONLY), buf, PAD_SIZE);
	need(len == WRITERS * LINES * LINE_LEN, "of %d bytes there are %zd",
	     WRITERS * LINES * LINE_LEN, len);
	for (i = 0; i < len; i += LINE_LEN) {
		need(sscanf(buf + i, "%1d%5d.", &writer, &line) == 2 && writer < WRITERS &&
		     line == next[writer]++, "line %d is \"%.7s\"", i / LINE_LEN, buf + i);
	}
}

static void full(void)
{
	int fd = pad_open(O_RDWR);
	ssize_t ret;

	pad_seek(fd, PAD_SIZE - 5, SEEK_SET, PAD_SIZE - 5);
	ret = write(fd, "0123456789", 10);
	need(ret == 5, "where 5 bytes fit, a write of 10 has returned %zd", ret);
	ret = write(fd, "5", 1);
	need(ret == -1 && errno == ENOSPC, "where none fit, a write has returned %zd: %m", ret);
	pad_seek(fd, -5, SEEK_END, PAD_SIZE - 5);
	pad_read(fd, 10, "01234");
}

static void in_use(void)
{
	int status;

	pad_open(O_RDONLY);
	status = system("rmmod lab2 2>/dev/null");
	need(status != 0, "the module could be unloaded while the device was open");
}

int main(void)
{
	point("/dev/lab2 is there, for everybody", there);
	point("the pad is empty at first", empty);
	point("what is written can be read", kept);
	point("an open file goes on where it was, up to the end", position);
	point("each open file has its own position", own_position);
	point("the position can be set", seek);
	point("O_TRUNC empties the pad for who may write", truncated);
	point("what nobody has written is zero", gap);
	point("O_APPEND writes at the end", append);
	point("bad memory of the caller is EFAULT", bad_memory);
	point("what several processes write at once is all there", together);
	point("a full pad takes what fits, then ENOSPC", full);
	point("while it is open the module stays", in_use);
	return 0;
}
