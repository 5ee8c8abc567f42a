// SPDX-License-Identifier: GPL-2.0
/* The points of lab 4 that take a device. */
#include "points.h"

#define QUEUE		"/dev/lab4"
#define QUEUE_MSGS	8
#define MSG_MAX		64

#define PEERS		3
#define MSGS_EACH	100

static int queue_open(int flags)
{
	int fd = open(QUEUE, flags);

	need(fd >= 0, "open(" QUEUE "): %m");
	return fd;
}

/* A descriptor that never waits, of an empty queue. */
static int queue_empty(void)
{
	int fd = queue_open(O_RDWR | O_NONBLOCK);
	char buf[MSG_MAX];

	while (read(fd, buf, sizeof(buf)) > 0)
		;
	return fd;
}

static void put(int fd, const char *text)
{
	ssize_t len = strlen(text), ret = write(fd, text, len);

	need(ret == len, "a write of %zd bytes has returned %zd: %m", len, ret);
}

static void get(int fd, const char *want)
{
	char buf[MSG_MAX + 1];
	ssize_t ret = read(fd, buf, MSG_MAX);

	need(ret >= 0, "a read has returned %zd: %m", ret);
	buf[ret] = '\0';
	need(!strcmp(buf, want), "a read has given \"%s\", not \"%s\"", buf, want);
}

static void fill(int fd)
{
	int i;

	for (i = 0; i < QUEUE_MSGS; i++)
		put(fd, "full");
}

static void fails(ssize_t ret, int err, const char *what)
{
	need(ret == -1 && errno == err, "%s has returned %zd (%m), and is to fail with \"%s\"",
	     what, ret, strerror(err));
}

static void order(void)
{
	int fd = queue_empty();

	put(fd, "one");
	put(fd, "and another");
	get(fd, "one");
	get(fd, "and another");
}

static void too_long(void)
{
	char buf[MSG_MAX + 1] = "";

	fails(write(queue_empty(), buf, sizeof(buf)), EMSGSIZE, "a write of 65 bytes");
}

static void too_short(void)
{
	int fd = queue_empty();
	char buf[4];

	put(fd, "twelve bytes");
	fails(read(fd, buf, sizeof(buf)), EMSGSIZE, "a read of 4 bytes");
	get(fd, "twelve bytes");
}

static void bad_memory(void)
{
	char *nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = queue_empty();

	fails(write(fd, nowhere, 8), EFAULT, "a write from nowhere");
	put(fd, "kept");
	fails(read(fd, nowhere, MSG_MAX), EFAULT, "a read to nowhere");
	get(fd, "kept");
}

static void empty(void)
{
	int fd = queue_empty();
	char buf[MSG_MAX];

	fails(read(fd, buf, sizeof(buf)), EAGAIN, "a read of an empty queue");
}

static void full(void)
{
	int fd = queue_empty();

	fill(fd);
	fails(write(fd, "x", 1), EAGAIN, "a write to a full queue");
}

/* A process that gets @want, and waits for it. */
static pid_t reader(const char *want)
{
	pid_t pid = point_fork();

	if (pid == 0) {
		get(queue_open(O_RDONLY), want);
		_exit(0);
	}
	return pid;
}

static pid_t writer(const char *text)
{
	pid_t pid = point_fork();

	if (pid == 0) {
		put(queue_open(O_WRONLY), text);
		_exit(0);
	}
	return pid;
}

/* A look at who ends without having waited may find why. */
static void waits(pid_t pid, const char *who)
{
	if (sleeps_within(pid, 10000))
		return;
	need(*point_why == '\0', "%s does not wait: %s", who, strdup(point_why));
	need(false, "%s does not wait", who);
}

static void reader_waits(void)
{
	int fd = queue_empty();
	pid_t pid = reader("at last");

	waits(pid, "a reader of an empty queue");
	put(fd, "at last");
	ends_well(pid, 10000, "the reader");
}

static void writer_waits(void)
{
	int fd = queue_empty();
	pid_t pid;

	fill(fd);
	pid = writer("at last");
	waits(pid, "a writer to a full queue");
	get(fd, "full");
	ends_well(pid, 10000, "the writer");
}

/* Processor time of @pid, in ticks of the clock. */
static long ticks_of(pid_t pid)
{
	unsigned long user = 0, system = 0;
	char path[64];
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	stat = fopen(path, "r");
	need(stat && fscanf(stat,
			    "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			    &user, &system) == 2, "cannot read %s", path);
	fclose(stat);
	return user + system;
}

static void idle(void)
{
	long before;
	pid_t pid;

	queue_empty();
	pid = reader("");
	waits(pid, "a reader of an empty queue");
	before = ticks_of(pid);
	usleep(500000);
	need(ticks_of(pid) - before <= 5, "half a second of waiting has taken %ld ticks of a clock",
	     ticks_of(pid) - before);
}

static void on_signal(int sig)
{
	(void)sig;
}

/* A process that a signal does not end, and that waits to write or to read. */
static pid_t signalled(bool writes, int flags, int err)
{
	struct sigaction act = { .sa_handler = on_signal, .sa_flags = flags };
	pid_t pid = point_fork();
	char buf[MSG_MAX];
	ssize_t ret;
	int fd;

	if (pid)
		return pid;
	sigaction(SIGUSR1, &act, NULL);
	fd = queue_open(O_RDWR);
	ret = writes ? write(fd, "x", 1) : read(fd, buf, sizeof(buf));
	if (err)
		fails(ret, err, writes ? "a write" : "a read");
	else
		need(ret > 0, "a %s has returned %zd: %m", writes ? "write" : "read", ret);
	_exit(0);
}

static void interrupted(void)
{
	int fd = queue_empty();
	pid_t pid = signalled(false, 0, EINTR);

	waits(pid, "a reader of an empty queue");
	kill(pid, SIGUSR1);
	ends_well(pid, 10000, "a reader that got a signal");
	fill(fd);
	pid = signalled(true, 0, EINTR);
	waits(pid, "a writer to a full queue");
	kill(pid, SIGUSR1);
	ends_well(pid, 10000, "a writer that got a signal");
}

static void restarted(void)
{
	int fd = queue_empty();
	pid_t pid = signalled(false, SA_RESTART, 0);

	waits(pid, "a reader of an empty queue");
	kill(pid, SIGUSR1);
	usleep(100000);
	waits(pid, "a reader that got a signal");
	put(fd, "x");
	ends_well(pid, 10000, "a reader that waited on");
}

static void killed(void)
{
	int fd = queue_empty(), status;
	pid_t pid = reader("");

	waits(pid, "a reader of an empty queue");
	kill(pid, SIGKILL);
	need(ends_within(pid, 10000, &status), "a reader that waits cannot be killed");
	put(fd, "still here");
	get(fd, "still here");
}

/* Messages are numbers: who reads one counts it, and ends at the one that is too large. */
static void count_messages(unsigned char *seen)
{
	int fd = queue_open(O_RDONLY), number;

	for (;;) {
		ssize_t ret = read(fd, &number, sizeof(number));

		need(ret == sizeof(number), "a read has returned %zd: %m", ret);
		if (number >= PEERS * MSGS_EACH)
			return;
		__atomic_add_fetch(&seen[number], 1, __ATOMIC_RELAXED);
	}
}

static void put_messages(int first, int count)
{
	int fd = queue_open(O_WRONLY), i;

	for (i = first; i < first + count; i++) {
		ssize_t ret = write(fd, &i, sizeof(i));

		need(ret == sizeof(i), "a write has returned %zd: %m", ret);
	}
}

static void together(void)
{
	unsigned char *seen = mmap(NULL, PEERS * MSGS_EACH, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t readers[PEERS], writers[PEERS];
	int i;

	queue_empty();
	for (i = 0; i < PEERS; i++) {
		readers[i] = point_fork();
		if (readers[i] == 0) {
			count_messages(seen);
			_exit(0);
		}
		writers[i] = point_fork();
		if (writers[i] == 0) {
			put_messages(i * MSGS_EACH, MSGS_EACH);
			_exit(0);
		}
	}
	for (i = 0; i < PEERS; i++)
		ends_well(writers[i], 25000, "a writer");
	for (i = 0; i < PEERS; i++)
		put_messages(PEERS * MSGS_EACH, 1);
	for (i = 0; i < PEERS; i++)
		ends_well(readers[i], 25000, "a reader");
	for (i = 0; i < PEERS * MSGS_EACH; i++)
		need(seen[i] == 1, "message %d has been read %d times", i, seen[i]);
}

int main(void)
{
	point("messages come whole and in their order", order);
	point("too long a message is EMSGSIZE", too_long);
	point("too small a buffer is EMSGSIZE, and the message stays", too_short);
	point("bad memory is EFAULT, and nothing is lost", bad_memory);
	point("an empty queue is EAGAIN with O_NONBLOCK", empty);
	point("a full queue is EAGAIN with O_NONBLOCK", full);
	point("a reader waits for a message", reader_waits);
	point("a writer waits for room", writer_waits);
	point("who waits takes no processor time", idle);
	point("a signal ends a wait with EINTR", interrupted);
	point("with SA_RESTART the wait goes on after it", restarted);
	point("who waits can be killed", killed);
	point("of several readers and writers no message is lost, none read twice", together);
	return 0;
}
