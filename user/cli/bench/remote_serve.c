// SPDX-License-Identifier: GPL-2.0
/* The side that listens: one process that answers; that of a run is remote_worker.c. */
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../cli.h"
#include "remote.h"
#include "remote_addr.h"
#include "remote_wire.h"
#include "remote_worker.h"
#include "transports/fd.h"
#include "transports/tcp_link.h"

/* For a first frame, during which nobody else is answered; for what a session goes on with */
#define GREET_MS	500
#define PLAN_MS		2000

/* For the connection of a run to come, and for what was killed to be waited for */
#define DATA_NS		10000000000ull

/* A host that is gone without a word is noticed after some 15 seconds, if not before */
#define IDLE_S		5
#define PROBE_S		5
#define PROBES		2
#define GONE_MS		15000

/* Longer than any run of a client may take */
#define TIMEOUT_MOST	(33 * 3600 * 1000000000ull)

enum state {
	FREE,		/* no session */
	IDLE,		/* a session, and nothing to do */
	AWAITED,	/* a connection for messages has to come */
	FILLED,		/* it is there, and is left alone until it ends */
	WORKING,	/* a process is at work */
};

/**
 * struct server
 * @session: -1 for none
 * @data: that of a run, -1 for none
 * @cookie: by which it is known
 * @until: clock_ns() after which the state ends, or a run is looked at
 * @worker: that of a run
 */
struct server {
	enum state state;
	int listener;
	int session;
	int data;
	struct remote_plan plan;
	uint64_t cookie;
	uint64_t until;
	struct remote_worker worker;
	bool once;
	bool done;
};

static void session_end(struct server *s)
{
	remote_worker_end(&s->worker);
	fd_close(&s->data);
	fd_close(&s->session);
	s->state = FREE;
	s->done = s->once;
}

static void keep_alive(int fd)
{
	static const struct {
		int level;
		int option;
		int value;
	} options[] = {
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, IDLE_S },
		{ IPPROTO_TCP, TCP_KEEPINTVL, PROBE_S },
		{ IPPROTO_TCP, TCP_KEEPCNT, PROBES },
		/* while something is on its way there are no probes */
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, GONE_MS },
	};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		setsockopt(fd, options[i].level, options[i].option, &options[i].value,
			   sizeof(options[i].value));
}

/* For @most_ns, and no longer than a client may say nothing */
static void enter(struct server *s, enum state next, uint64_t most_ns)
{
	uint64_t limit = s->worker.limit_ns;

	s->state = next;
	s->until = clock_ns() + (most_ns < limit ? most_ns : limit);
}

static void set_idle(struct server *s)
{
	enter(s, IDLE, UINT64_MAX);
}

static void worker_start(struct server *s)
{
	const int others[] = { s->listener, s->session };

	if (remote_worker_start(&s->worker, &s->plan, s->data, others)) {
		session_end(s);
		return;
	}
	fd_close(&s->data);
	enter(s, WORKING, 0);
}

static void answer(struct server *s, int status)
{
	static struct remote_result result;

	remote_worker_result(&s->worker, status, &result);
	if (remote_result_send(s->session, &result))
		session_end(s);
	else
		set_idle(s);
}

static void worker_ended(struct server *s)
{
	int status;

	if (remote_worker_ended(&s->worker, &status))
		answer(s, status);
}

static bool plan_sound(const struct remote_plan *p)
{
	return p->fill <= 1 && p->workload <= WORKLOAD_STREAM && p->payload < PAYLOAD_NR &&
	       p->wait < WAIT_NR && p->size && p->size <= MAX_MSG_SIZE &&
	       p->buffer <= 4ull * MAX_MSG_SIZE && p->batch && p->batch <= UINT32_MAX &&
	       p->counts <= 1 && p->timeout_ns && p->timeout_ns <= TIMEOUT_MOST;
}

/* Only a plan is due, and only when nothing is under way; an end comes as such, too */
static void hear_session(struct server *s)
{
	uint64_t word;

	/* the end of the connection before it may be on its way still */
	if (s->state == FILLED) {
		fd_close(&s->data);
		set_idle(s);
	}
	if (s->state != IDLE ||
	    remote_recv(s->session, REMOTE_PLAN, (uint64_t *)&s->plan,
			REMOTE_WORDS(s->plan), PLAN_MS) ||
	    !plan_sound(&s->plan) ||
	    getrandom(&s->cookie, sizeof(s->cookie), 0) != sizeof(s->cookie)) {
		session_end(s);
		return;
	}
	word = s->cookie;
	if (remote_send(s->session, REMOTE_READY, &word, 1)) {
		session_end(s);
		return;
	}
	enter(s, AWAITED, DATA_NS);
}

/* Return: false when it is none that is awaited, and is to be closed */
static bool take_data(struct server *s, int fd, uint64_t cookie)
{
	if (s->state != AWAITED || cookie != s->cookie ||
	    tcp_set_buffers(fd, s->plan.buffer) || tcp_no_delay(fd))
		return false;
	s->data = fd;
	if (s->plan.fill)
		enter(s, FILLED, DATA_NS);
	else
		worker_start(s);
	return true;
}

static bool take_session(struct server *s, int fd, uint64_t word)
{
	uint64_t nothing = 0;

	if (s->state != FREE) {
		remote_send(fd, REMOTE_BUSY, &nothing, 1);
		return false;
	}
	/* told even to another version, which then knows */
	if (remote_hello(fd) || word != remote_hello_word())
		return false;
	keep_alive(fd);
	tcp_no_delay(fd);
	s->session = fd;
	set_idle(s);
	return true;
}

static void greet(struct server *s)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC), err;
	enum remote_type type = REMOTE_BUSY;
	uint64_t word = 0;
	bool taken = false;

	if (fd < 0)
		return;
	err = remote_recv_first(fd, &type, &word, GREET_MS);
	if (!err && type == REMOTE_HELLO)
		taken = take_session(s, fd, word);
	else if (!err && type == REMOTE_DATA)
		taken = take_data(s, fd, word);
	else if (err == -EPROTONOSUPPORT)
		remote_hello(fd);
	if (!taken)
		close(fd);
}

/* A state has ended, or a run is to be looked at */
static void on_time(struct server *s)
{
	if (s->state != WORKING) {
		session_end(s);
		return;
	}
	if (remote_worker_late(&s->worker, &s->until)) {
		remote_worker_end(&s->worker);
		answer(s, REMOTE_WORKER_LATE);
	}
}

/* Return: milliseconds until the state ends; -1 for ever */
static int state_left(const struct server *s)
{
	uint64_t now = clock_ns();

	if (s->state == FREE)
		return -1;
	return s->until <= now ? 0 : (int)((s->until - now) / 1000000 + 1);
}

static void serve(struct server *s)
{
	struct pollfd fds[4];
	int left, n;

	while (!s->done) {
		left = state_left(s);
		fds[0] = (struct pollfd){ .fd = s->session, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = s->worker.fd, .events = POLLIN };
		fds[2] = (struct pollfd){ .fd = s->data, .events = POLLRDHUP };
		fds[3] = (struct pollfd){ .fd = s->listener, .events = POLLIN };
		/* who came in time is heard late, while no stranger can put the end off */
		n = poll(fds, left ? 4 : 3, left);
		if (!n && !left)
			on_time(s);
		if (n <= 0)
			continue;
		if (fds[2].revents) {
			fd_close(&s->data);
			set_idle(s);
		}
		if (fds[1].revents)
			worker_ended(s);
		if (fds[0].revents && s->session >= 0)
			hear_session(s);
		if (left && fds[3].revents)
			greet(s);
	}
}

int remote_listen(const char *where, uint64_t limit_ns, bool once, const char *verb)
{
	struct server s = { .session = -1, .data = -1, .once = once };
	char name[REMOTE_NAME_SIZE];

	s.listener = remote_addr_listen(where, verb);
	if (s.listener < 0)
		return EXIT_SYSTEM;
	if (remote_worker_init(&s.worker, limit_ns)) {
		cli_error(verb, "no memory");
		return EXIT_SYSTEM;
	}
	remote_addr_name(s.listener, name);
	printf("listening on %s\n", name);
	if (cli_flush_stdout(verb))
		return EXIT_SYSTEM;
	serve(&s);
	return EXIT_OK;
}
