// SPDX-License-Identifier: GPL-2.0
/* The points of lab 5 that take a device. */
#include <poll.h>
#include <sys/epoll.h>

#include "points.h"

#define QUEUE		"/dev/lab5"
#define QUEUE_MSGS	8
#define MSG_MAX		64

#define CROWD		8

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

static void order(void)
{
	int fd = queue_empty();

	put(fd, "one");
	put(fd, "and another");
	get(fd, "one");
	get(fd, "and another");
}

static void do_read(void)
{
	get(queue_open(O_RDONLY), "full");
}

static void do_write(void)
{
	put(queue_open(O_WRONLY), "full");
}

static void do_epoll(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int ep = epoll_create1(0);

	need(!epoll_ctl(ep, EPOLL_CTL_ADD, queue_open(O_RDONLY), &event), "epoll_ctl(): %m");
	need(epoll_wait(ep, &event, 1, -1) == 1, "epoll_wait(): %m");
}

/* A process that does this, and waits in it. */
static pid_t waiter(void (*wait_in)(void))
{
	pid_t pid = point_fork();

	if (pid == 0) {
		wait_in();
		_exit(0);
	}
	if (!sleeps_within(pid, 10000))
		need(*point_why == '\0', "a process does not wait: %s", strdup(point_why));
	return pid;
}

static void reader_waits(void)
{
	int fd = queue_empty();
	pid_t pid = waiter(do_read);

	put(fd, "full");
	ends_well(pid, 10000, "the reader");
}

/* What poll() says of an event within @ms. */
static int polled(int fd, short events, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int ret = poll(&pfd, 1, ms);

	need(ret >= 0 && !(pfd.revents & (POLLERR | POLLNVAL)), "poll() has returned %d, %#x: %m",
	     ret, pfd.revents);
	return pfd.revents;
}

static void poll_empty(void)
{
	int events = polled(queue_empty(), POLLIN | POLLOUT, 0);

	need(events & POLLOUT, "one could write, and poll() does not say so");
	need(!(events & POLLIN), "there is nothing to read, and poll() says POLLIN");
}

static void poll_full(void)
{
	int fd = queue_empty(), events;

	fill(fd);
	events = polled(fd, POLLIN | POLLOUT, 0);
	need(events & POLLIN, "one could read, and poll() does not say so");
	need(!(events & POLLOUT), "there is no room, and poll() says POLLOUT");
}

static void poll_in(void)
{
	need(polled(queue_open(O_RDONLY), POLLIN, 20000) == POLLIN, "poll() sees no message");
}

static void poll_out(void)
{
	need(polled(queue_open(O_WRONLY), POLLOUT, 20000) == POLLOUT, "poll() sees no room");
}

static void poll_message(void)
{
	int fd = queue_empty();
	pid_t pid;

	need(!polled(fd, POLLIN, 200), "poll() has not waited for a message");
	pid = waiter(poll_in);
	put(fd, "full");
	ends_well(pid, 10000, "who polls for a message");
}

static void poll_room(void)
{
	int fd = queue_empty();
	pid_t pid;

	fill(fd);
	need(!polled(fd, POLLOUT, 200), "poll() has not waited for room");
	pid = waiter(poll_out);
	get(fd, "full");
	ends_well(pid, 10000, "who polls for room");
}

static void edges(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int fd = queue_empty(), ep = epoll_create1(0), i;

	need(!epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event), "epoll_ctl(): %m");
	need(epoll_wait(ep, &event, 1, 100) == 0, "an event, and no message");
	for (i = 0; i < 3; i++) {
		put(fd, "full");
		need(epoll_wait(ep, &event, 1, 1000) == 1, "no event for message %d", i);
		need(epoll_wait(ep, &event, 1, 100) == 0, "message %d makes two events", i);
	}
}

/* How often this process has gone to sleep. */
static long switches_of(pid_t pid)
{
	char path[64], line[128];
	long count = -1;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = fopen(path, "r");
	need(status, "fopen(%s): %m", path);
	while (fgets(line, sizeof(line), status))
		sscanf(line, "voluntary_ctxt_switches: %ld", &count);
	fclose(status);
	return count;
}

/* How many of them have ended. */
static int ended_of(const pid_t pids[CROWD])
{
	int i, ended = 0;

	for (i = 0; i < CROWD; i++)
		ended += state_of(pids[i]) == 'Z';
	return ended;
}

/* Of a crowd that waits one ends by @event, and no other wakes up. */
static void one_of_crowd(void (*wait_in)(void), int fd, void (*event)(int fd, const char *text))
{
	int i, tries, ended, woken = 0;
	long before[CROWD];
	pid_t pids[CROWD];

	for (i = 0; i < CROWD; i++)
		pids[i] = waiter(wait_in);
	for (i = 0; i < CROWD; i++)
		before[i] = switches_of(pids[i]);
	event(fd, "full");
	for (tries = 0; tries < 1000 && !ended_of(pids); tries++)
		usleep(10000);
	usleep(300000);
	for (i = 0; i < CROWD; i++) {
		/* Who was woken for nothing goes to sleep again. */
		if (sleeps_within(pids[i], 10000) && switches_of(pids[i]) > before[i])
			woken++;
	}
	ended = ended_of(pids);
	need(ended == 1, "of %d that waited %d have ended", CROWD, ended);
	need(!woken, "one has got it, %d others were woken for nothing", woken);
}

static void crowd_of_readers(void)
{
	one_of_crowd(do_read, queue_empty(), put);
}

static void crowd_of_writers(void)
{
	int fd = queue_empty();

	fill(fd);
	one_of_crowd(do_write, fd, get);
}

static void crowd_of_epoll(void)
{
	one_of_crowd(do_epoll, queue_empty(), put);
}

static void each(void)
{
	int fd = queue_empty(), i;
	pid_t pids[CROWD];

	for (i = 0; i < CROWD; i++)
		pids[i] = waiter(do_read);
	for (i = 0; i < CROWD; i++)
		put(fd, "full");
	for (i = 0; i < CROWD; i++)
		ends_well(pids[i], 10000, "a reader");
}

static void read_too_little(void)
{
	char buf[2];

	need(read(queue_open(O_RDONLY), buf, sizeof(buf)) == -1 && errno == EMSGSIZE,
	     "a read of 2 bytes does not fail with EMSGSIZE");
}

static void passed_on(void)
{
	int fd = queue_empty();
	pid_t small = waiter(read_too_little), large = waiter(do_read);

	put(fd, "full");
	ends_well(small, 10000, "a reader with too small a buffer");
	ends_well(large, 10000, "the reader behind it, whose message that is,");
}

int main(void)
{
	point("messages come whole and in their order", order);
	point("a reader waits for a message", reader_waits);
	point("an empty queue polls as writable only", poll_empty);
	point("a full queue polls as readable only", poll_full);
	point("who polls is woken by a message", poll_message);
	point("who polls is woken by room", poll_room);
	point("edge-triggered epoll tells of each message once", edges);
	point("a message wakes one of eight readers", crowd_of_readers);
	point("room wakes one of eight writers", crowd_of_writers);
	point("a message wakes one of eight in EPOLLEXCLUSIVE", crowd_of_epoll);
	point("eight messages wake eight readers", each);
	point("a reader that cannot take its message leaves it to the next", passed_on);
	return 0;
}
