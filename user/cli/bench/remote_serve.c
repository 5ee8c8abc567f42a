// SPDX-License-Identifier: GPL-2.0
/* The side that listens: one process that answers, and one more for each run. */
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../cli.h"
#include "remote.h"
#include "remote_addr.h"
#include "remote_wire.h"
#include "remote_work.h"
#include "transports/fd.h"
#include "transports/tcp_link.h"

/* For a first frame, during which nobody else is answered; for what a session goes on with */
#define GREET_MS	500
#define PLAN_MS		2000

/* For the connection of a run to come, and for what was killed to be waited for */
#define DATA_NS		10000000000ull

/* A host that is gone without a word is noticed after some 15 seconds */
#define IDLE_S		5
#define PROBE_S		5
#define PROBES		2

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
 * @until: clock_ns() after which the state ends
 * @worker: its process, 0 for none
 * @worker_fd: pidfd, -1 for none
 * @shared: with it
 */
struct server {
	enum state state;
	int listener;
	int session;
	int data;
	struct remote_plan plan;
	uint64_t cookie;
	uint64_t until;
	pid_t worker;
	int worker_fd;
	struct run_shared *shared;
	bool once;
	bool done;
};

static void worker_end(struct server *s)
{
	if (s->worker > 0) {
		kill(s->worker, SIGKILL);
		while (waitpid(s->worker, NULL, 0) < 0 && errno == EINTR)
			;
	}
	s->worker = 0;
	fd_close(&s->worker_fd);
}

static void session_end(struct server *s)
{
	worker_end(s);
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
	};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		setsockopt(fd, options[i].level, options[i].option, &options[i].value,
			   sizeof(options[i].value));
}

static _Noreturn void work(struct server *s, pid_t parent)
{
	const struct remote_plan *p = &s->plan;
	struct run_plan plan = {
		.workload = (enum workload)p->workload,
		.payload = (enum payload_mode)p->payload,
		.batch = (uint32_t)p->batch, .runs = 1, .counts = p->counts != 0,
	};
	struct link link = {
		.transport = &transport_tcp_remote, .workload = plan.workload,
		.wait = (enum wait_strategy)p->wait, .size = p->size, .tx_nr = 1, .rx_nr = 1,
		.per_call = 1, .tx_fd = -1, .rx_fd = -1, .epoll = { -1, -1 },
	};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(CHILD_FAILED);
	signal(SIGPIPE, SIG_IGN);
	close(s->listener);
	close(s->session);
	if (!fd_attach(&link, s->data, s->data) && !fd_wait_init(&link))
		_exit(remote_work(&plan, s->shared, &link, 1));
	memcpy(s->shared->why[1], link.why, WHY_SIZE);
	_exit(CHILD_REFUSED);
}

static void worker_start(struct server *s)
{
	pid_t parent = getpid();

	run_shared_clear(s->shared, SIDES);
	s->worker = fork();
	if (!s->worker)
		work(s, parent);
	if (s->worker > 0)
		s->worker_fd = (int)syscall(SYS_pidfd_open, s->worker, 0);
	if (s->worker < 0 || s->worker_fd < 0) {
		session_end(s);
		return;
	}
	fd_close(&s->data);
	s->state = WORKING;
	s->until = clock_ns() + s->plan.timeout_ns;
}

/* @status: as of waitpid(); -1 of one that took too long */
static void answer(struct server *s, int status)
{
	static struct remote_result result;
	const struct run_shared *shared = s->shared;

	memset(&result, 0, sizeof(result));
	result.status = CHILD_FAILED;
	memcpy(result.why, shared->why[1], WHY_SIZE);
	if (status == -1)
		snprintf(result.why, WHY_SIZE, "it was not done in time");
	else if (WIFSIGNALED(status))
		snprintf(result.why, WHY_SIZE, "it died: signal %d", WTERMSIG(status));
	else
		result.status = (uint64_t)WEXITSTATUS(status);
	if (result.status == CHILD_OK) {
		result.messages = shared->messages;
		result.wall_ns = shared->wall_ns;
		result.hist = shared->hist;
		result.known = shared->ledger[1].known;
		memcpy(result.value, shared->ledger[1].value, sizeof(result.value));
	}
	if (remote_result_send(s->session, &result))
		session_end(s);
	else
		s->state = IDLE;
}

static void worker_ended(struct server *s)
{
	int status;

	if (waitpid(s->worker, &status, WNOHANG) != s->worker)
		return;
	s->worker = 0;
	fd_close(&s->worker_fd);
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
		s->state = IDLE;
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
	s->state = AWAITED;
	s->until = clock_ns() + DATA_NS;
}

/* Return: false when it is none that is awaited, and is to be closed */
static bool take_data(struct server *s, int fd, uint64_t cookie)
{
	if (s->state != AWAITED || cookie != s->cookie ||
	    tcp_set_buffers(fd, s->plan.buffer) || tcp_no_delay(fd))
		return false;
	s->data = fd;
	if (s->plan.fill) {
		s->state = FILLED;
		s->until = clock_ns() + DATA_NS;
	} else {
		worker_start(s);
	}
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
	s->state = IDLE;
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

static void too_late(struct server *s)
{
	if (s->state != WORKING) {
		session_end(s);
		return;
	}
	worker_end(s);
	answer(s, -1);
}

/* Return: milliseconds until the state ends; -1 for ever */
static int state_left(const struct server *s)
{
	uint64_t now = clock_ns();

	if (s->state == FREE || s->state == IDLE)
		return -1;
	return s->until <= now ? 0 : (int)((s->until - now) / 1000000 + 1);
}

static void serve(struct server *s)
{
	struct pollfd fds[4];
	int left;

	while (!s->done) {
		left = state_left(s);
		if (!left) {
			too_late(s);
			continue;
		}
		fds[0] = (struct pollfd){ .fd = s->listener, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = s->session, .events = POLLIN };
		fds[2] = (struct pollfd){ .fd = s->worker_fd, .events = POLLIN };
		fds[3] = (struct pollfd){ .fd = s->data, .events = POLLRDHUP };
		if (poll(fds, 4, left) < 0)
			continue;
		if (fds[3].revents) {
			fd_close(&s->data);
			s->state = IDLE;
		}
		if (fds[2].revents)
			worker_ended(s);
		if (fds[1].revents && s->session >= 0)
			hear_session(s);
		if (fds[0].revents)
			greet(s);
	}
}

static int listen_on(const char *where, const char *verb)
{
	struct addrinfo *list;
	const char *wrong = remote_addr(where, true, &list);
	int fd, on = 1, err;

	if (wrong) {
		cli_error(verb, "--listen %s: %s", where, wrong);
		return -1;
	}
	fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	err = fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	      bind(fd, list->ai_addr, list->ai_addrlen) || listen(fd, SOMAXCONN);
	freeaddrinfo(list);
	if (!err)
		return fd;
	cli_error(verb, "--listen %s: %s", where, strerror(errno));
	fd_close(&fd);
	return -1;
}

int remote_listen(const char *where, bool once, const char *verb)
{
	struct server s = { .session = -1, .data = -1, .worker_fd = -1, .once = once };
	char name[REMOTE_NAME_SIZE];

	s.listener = listen_on(where, verb);
	if (s.listener < 0)
		return EXIT_SYSTEM;
	s.shared = run_shared_new(SIDES);
	if (!s.shared) {
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
