// SPDX-License-Identifier: GPL-2.0
/* libipcchan against the module: calls and replies. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ipcchan.h>

#include "util.h"

#include "harness.h"

#define MS		1000000LL
#define SECOND		(1000 * MS)
#define UNTOUCHED	4711

FIXTURE(rpc) {
	struct ipcchan *client;
	struct ipcchan *server;
};

FIXTURE_SETUP(rpc)
{
	struct ipcchan_opts opts = {
		.flags = IPCCHAN_ATTACH_ANON,
		.role = IPCCHAN_ROLE_SEND,
		.kind = IPCCHAN_KIND_RPC,
		.max_msg_size = 100,
		.options = IPCCHAN_OPT_HANGUP,
	};

	ASSERT_EQ(0, ipcchan_open(&self->client, NULL, &opts));
	memset(&opts, 0, sizeof(opts));
	opts.flags = IPCCHAN_ATTACH_FD;
	opts.role = IPCCHAN_ROLE_RECV;
	opts.fd = ipcchan_fd(self->client);
	ASSERT_EQ(0, ipcchan_open(&self->server, NULL, &opts));
	errno = UNTOUCHED;
}

FIXTURE_TEARDOWN(rpc)
{
	ipcchan_close(self->client);
	ipcchan_close(self->server);
}

/* A client in a thread of its own. */
struct client {
	struct ipcchan *chan;
	const char *text;
	int64_t timeout_ns;
	size_t room;
	pthread_t thread;
	char reply[100];
};

static void *client_main(void *arg)
{
	struct client *c = arg;

	return (void *)ipcchan_call(c->chan, c->text, strlen(c->text), c->reply,
				    c->room, c->timeout_ns);
}

static int client_start(struct client *c, struct ipcchan *chan, const char *text)
{
	c->chan = chan;
	c->text = text;
	if (!c->timeout_ns)
		c->timeout_ns = IPCCHAN_WAIT_FOREVER;
	if (!c->room)
		c->room = sizeof(c->reply);
	return pthread_create(&c->thread, NULL, client_main, c);
}

/* Return: what its call returned. */
static ssize_t client_end(struct client *c)
{
	void *ret;

	pthread_join(c->thread, &ret);
	return (ssize_t)ret;
}

static int next(struct ipcchan *server, struct ipcchan_serve *s, char *buf)
{
	memset(s, 0, sizeof(*s));
	s->flags = IPCCHAN_SERVE_NEXT;
	s->timeout_ns = 10 * SECOND;
	ipcchan_msg_init(&s->request, buf, 100);
	return ipcchan_serve(server, s);
}

TEST_F(rpc, reply_and_next)
{
	struct client a = { .room = 7 }, b = { 0 };
	struct ipcchan_serve s;
	char buf[100];

	ASSERT_EQ(0, client_start(&a, self->client, "first"));
	ASSERT_EQ(1, next(self->server, &s, buf));
	EXPECT_EQ(5, s.request.len);
	EXPECT_EQ(0, memcmp(buf, "first", 5));
	EXPECT_EQ(7, s.room);
	EXPECT_EQ(getpid(), s.request.pid);
	ASSERT_EQ(0, client_start(&b, self->client, "second"));
	s.flags |= IPCCHAN_SERVE_REPLY;
	ipcchan_msg_init(&s.reply, "one", 3);
	ipcchan_msg_init(&s.request, buf, sizeof(buf));
	ASSERT_EQ(1, ipcchan_serve(self->server, &s));
	EXPECT_EQ(1, s.replied);
	EXPECT_EQ(6, s.request.len);
	EXPECT_EQ(100, s.room);
	EXPECT_EQ(0, ipcchan_reply(self->server, s.call, "two", 3));
	EXPECT_EQ(3, client_end(&a));
	EXPECT_EQ(0, memcmp(a.reply, "one", 3));
	EXPECT_EQ(3, client_end(&b));
	EXPECT_EQ(0, memcmp(b.reply, "two", 3));
	EXPECT_EQ(UNTOUCHED, errno);
}

TEST_F(rpc, replies_in_any_order)
{
	struct client a = { 0 }, b = { .room = 2 };
	struct ipcchan_serve first, second;
	char buf[100];

	ASSERT_EQ(0, client_start(&a, self->client, "a"));
	ASSERT_EQ(1, next(self->server, &first, buf));
	ASSERT_EQ(0, client_start(&b, self->client, "b"));
	ASSERT_EQ(1, next(self->server, &second, buf));
	/* a reply that does not fit leaves the call open */
	EXPECT_EQ(-EMSGSIZE, ipcchan_reply(self->server, second.call, "too", 3));
	EXPECT_EQ(-EINVAL, ipcchan_reply(self->server, second.call, "", 0));
	EXPECT_EQ(0, ipcchan_reply_error(self->server, second.call, EDOM));
	EXPECT_EQ(-EDOM, client_end(&b));
	EXPECT_EQ(0, ipcchan_reply(self->server, first.call, "ok", 2));
	EXPECT_EQ(2, client_end(&a));
	EXPECT_GT(0, ipcchan_reply(self->server, first.call, "ok", 2));
	EXPECT_EQ(-ENOENT, ipcchan_reply(self->server, second.call + 1000, "ok", 2));
	EXPECT_EQ(UNTOUCHED, errno);
}

TEST_F(rpc, call_gives_up)
{
	struct client a = { .timeout_ns = 30 * MS };
	struct ipcchan_serve s;
	char buf[100];

	ASSERT_EQ(0, client_start(&a, self->client, "a"));
	ASSERT_EQ(1, next(self->server, &s, buf));
	EXPECT_EQ(-ETIMEDOUT, client_end(&a));
	EXPECT_EQ(-ECANCELED, ipcchan_reply(self->server, s.call, "ok", 2));
	s.flags = IPCCHAN_SERVE_NEXT | IPCCHAN_SERVE_NONBLOCK;
	ipcchan_msg_init(&s.request, buf, sizeof(buf));
	EXPECT_EQ(-EAGAIN, ipcchan_serve(self->server, &s));
	EXPECT_EQ(UNTOUCHED, errno);
}

TEST_F(rpc, call_errors)
{
	struct ipcchan_opts opts = { .flags = IPCCHAN_ATTACH_ANON };
	struct ipcchan *queue;
	char buf[101] = "";

	EXPECT_EQ(-EMSGSIZE, ipcchan_call(self->client, buf, 101, buf, 1, 0));
	EXPECT_EQ(-EINVAL, ipcchan_call(self->client, buf, 0, buf, 1, 0));
	EXPECT_EQ(-EINVAL, ipcchan_call(self->client, buf, 1, buf, 0, 0));
	EXPECT_EQ(-EBADF, ipcchan_call(self->server, buf, 1, buf, 1, 0));
	EXPECT_EQ(-ETIMEDOUT, ipcchan_call(self->client, buf, 1, buf, 1, MS));
	EXPECT_EQ(-EOPNOTSUPP, ipcchan_send(self->client, buf, 1));
	EXPECT_EQ(-EOPNOTSUPP, ipcchan_recv(self->server, buf, 1));
	ASSERT_EQ(0, ipcchan_open(&queue, NULL, &opts));
	EXPECT_EQ(-EOPNOTSUPP, ipcchan_call(queue, buf, 1, buf, 1, 0));
	EXPECT_EQ(-EOPNOTSUPP, ipcchan_reply(queue, 1, buf, 1));
	ipcchan_close(queue);
	/* nobody is left to answer */
	ipcchan_close(self->server);
	self->server = NULL;
	EXPECT_EQ(-EPIPE, ipcchan_call(self->client, buf, 1, buf, 1, SECOND));
	EXPECT_EQ(UNTOUCHED, errno);
}

TEST_F(rpc, headers_both_ways)
{
	struct ipcchan_call call = { .timeout_ns = 10 * SECOND };
	char buf[100], reply[100];
	struct ipcchan_serve s;
	pid_t pid = child_fork();

	if (!pid) {
		if (next(self->server, &s, buf) != 1 || s.request.type != 5 ||
		    s.request.cookie != 6 || s.request.prio != 7 ||
		    s.request.pid != (uint32_t)getppid())
			_exit(1);
		s.flags = IPCCHAN_SERVE_REPLY;
		ipcchan_msg_init(&s.reply, "re", 2);
		s.reply.type = 8;
		s.reply.cookie = 9;
		_exit(-ipcchan_serve(self->server, &s));
	}
	ipcchan_msg_init(&call.request, "hi", 2);
	call.request.type = 5;
	call.request.cookie = 6;
	call.request.prio = 7;
	ipcchan_msg_init(&call.reply, reply, sizeof(reply));
	ASSERT_EQ(0, ipcchan_call_msg(self->client, &call));
	EXPECT_EQ(2, call.reply.len);
	EXPECT_EQ(8, call.reply.type);
	EXPECT_EQ(9, call.reply.cookie);
	EXPECT_EQ(pid, call.reply.pid);
	EXPECT_EQ(0, child_wait(pid));
}

/* What a loop serves: a letter says what is to be done. */
struct server {
	struct ipcchan *chan;
	uint64_t deferred;
	int served;
};

static ssize_t handle(void *arg, uint64_t call, const struct ipcchan_msghdr *request,
		      void *reply, size_t room)
{
	const char *text = (const char *)(uintptr_t)request->buf;
	struct server *server = arg;

	server->served++;
	switch (*text) {
	case 'e':		/* echo */
		memcpy(reply, text, request->len < room ? request->len : room);
		return request->len;
	case 'f':		/* fail */
		return -EDOM;
	case 'd':		/* defer */
		server->deferred = call;
		return 0;
	case 'a':		/* answer the deferred one */
		ipcchan_reply(server->chan, server->deferred, "late", 4);
		memcpy(reply, "ok", 2);
		return 2;
	case 's':		/* be slow */
		sleep_ms(100);
		memcpy(reply, "slow", 4);
		return 4;
	default:
		return -(ssize_t)(1 << 20);
	}
}

static void *loop_main(void *arg)
{
	struct server *server = arg;

	return (void *)(intptr_t)ipcchan_serve_loop(server->chan, handle, server,
						    IPCCHAN_WAIT_FOREVER);
}

TEST_F(rpc, loop)
{
	struct server server = { .chan = self->server };
	struct client late = { 0 };
	char reply[100];
	pthread_t thread;
	void *ret;

	ASSERT_EQ(0, pthread_create(&thread, NULL, loop_main, &server));
	EXPECT_EQ(5, ipcchan_call(self->client, "echo!", 5, reply, 100, 10 * SECOND));
	EXPECT_EQ(0, memcmp(reply, "echo!", 5));
	EXPECT_EQ(-EDOM, ipcchan_call(self->client, "fail", 4, reply, 100, 10 * SECOND));
	/* a reply that does not fit, and what is no errno */
	EXPECT_EQ(-EMSGSIZE, ipcchan_call(self->client, "echo!", 5, reply, 4, 10 * SECOND));
	EXPECT_EQ(-EMSGSIZE, ipcchan_call(self->client, "?", 1, reply, 4, 10 * SECOND));
	/* a client that gives up: the next is served all the same */
	EXPECT_EQ(-ETIMEDOUT, ipcchan_call(self->client, "slow", 4, reply, 100, 20 * MS));
	EXPECT_EQ(2, ipcchan_call(self->client, "ee", 2, reply, 100, 10 * SECOND));
	ASSERT_EQ(0, client_start(&late, self->client, "defer"));
	while (!__atomic_load_n(&server.deferred, __ATOMIC_ACQUIRE))
		sleep_ms(1);
	EXPECT_EQ(2, ipcchan_call(self->client, "answer", 6, reply, 100, 10 * SECOND));
	EXPECT_EQ(4, client_end(&late));
	EXPECT_EQ(0, memcmp(late.reply, "late", 4));
	/* the last client leaves */
	ipcchan_close(self->client);
	self->client = NULL;
	pthread_join(thread, &ret);
	EXPECT_EQ(NULL, ret);
	EXPECT_EQ(8, server.served);
}

/* Threads that serve one channel, each with its own loop, and are interrupted. */
#define SERVERS		3
#define CLIENTS		4
#define CALLS		100

static void *again_main(void *arg)
{
	struct server *server = arg;
	int ret;

	do {
		ret = ipcchan_serve_loop(server->chan, handle, server,
					 IPCCHAN_WAIT_FOREVER);
	} while (ret == -EINTR);
	return (void *)(intptr_t)ret;
}

/* Return: calls that did not get their own reply. */
static void *calls_main(void *arg)
{
	struct client *c = arg;
	char text[16], reply[16];
	intptr_t i, bad = 0;
	int len;

	for (i = 0; i < CALLS; i++) {
		len = snprintf(text, sizeof(text), "e%s%d", c->text, (int)i);
		if (ipcchan_call(c->chan, text, (size_t)len, reply, sizeof(reply),
				 c->timeout_ns) != len || memcmp(text, reply, (size_t)len))
			bad++;
	}
	return (void *)bad;
}

TEST_F(rpc, loop_threads_and_signals)
{
	static const char *const names[CLIENTS] = { "a", "b", "c", "d" };
	struct server servers[SERVERS] = { 0 };
	struct client clients[CLIENTS] = { 0 };
	pthread_t threads[SERVERS];
	int i, busy = 0, served = 0;
	void *ret;

	on_signal(SIGUSR1, 0);
	for (i = 0; i < SERVERS; i++) {
		servers[i].chan = self->server;
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, again_main, &servers[i]));
	}
	for (i = 0; i < CLIENTS; i++) {
		clients[i] = (struct client) {
			.chan = self->client, .text = names[i], .timeout_ns = 20 * SECOND,
		};
		ASSERT_EQ(0, pthread_create(&clients[i].thread, NULL, calls_main,
					    &clients[i]));
	}
	for (i = 0; i < CLIENTS; i++) {
		while (pthread_tryjoin_np(clients[i].thread, &ret)) {
			pthread_kill(threads[busy++ % SERVERS], SIGUSR1);
			sleep_ms(1);
		}
		EXPECT_EQ(NULL, ret);
	}
	EXPECT_LT(0, busy);
	/* one that it is in the middle of gets its reply */
	clients[0] = (struct client) { 0 };
	ASSERT_EQ(0, client_start(&clients[0], self->client, "slow"));
	sleep_ms(30);
	for (i = 0; i < SERVERS; i++)
		pthread_kill(threads[i], SIGUSR1);
	EXPECT_EQ(4, client_end(&clients[0]));
	ipcchan_close(self->client);
	self->client = NULL;
	for (i = 0; i < SERVERS; i++) {
		pthread_join(threads[i], &ret);
		EXPECT_EQ(NULL, ret);
		served += servers[i].served;
	}
	EXPECT_EQ(CLIENTS * CALLS + 1, served);
}

TEST_F(rpc, loop_ends)
{
	struct ipcchan_opts opts = { .flags = IPCCHAN_ATTACH_ANON };
	struct server server = { .chan = self->server };
	struct ipcchan *queue;
	pid_t pid;

	EXPECT_EQ(-ETIMEDOUT, ipcchan_serve_loop(self->server, handle, &server, MS));
	EXPECT_EQ(-EAGAIN, ipcchan_serve_loop(self->server, handle, &server, 0));
	EXPECT_EQ(-EBADF, ipcchan_serve_loop(self->client, handle, &server, MS));
	ASSERT_EQ(0, ipcchan_open(&queue, NULL, &opts));
	EXPECT_EQ(-EOPNOTSUPP, ipcchan_serve_loop(queue, handle, &server, MS));
	ipcchan_close(queue);
	EXPECT_EQ(UNTOUCHED, errno);
	pid = child_fork();
	if (!pid) {
		on_signal(SIGUSR1, 0);
		_exit(-ipcchan_serve_loop(self->server, handle, &server,
					  IPCCHAN_WAIT_FOREVER));
	}
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	kill(pid, SIGUSR1);
	EXPECT_EQ(EINTR, child_wait(pid));
}

TEST_F(rpc, server_dies)
{
	char reply[100];
	pid_t pid = child_fork();

	if (!pid) {
		struct ipcchan_opts opts = {
			.flags = IPCCHAN_ATTACH_FD, .role = IPCCHAN_ROLE_RECV,
			.fd = ipcchan_fd(self->client),
		};
		struct ipcchan_serve s;
		struct ipcchan *own;
		char buf[100];

		if (!ipcchan_open(&own, NULL, &opts) && next(own, &s, buf) == 1)
			kill(getpid(), SIGKILL);
		_exit(1);
	}
	EXPECT_EQ(-EOWNERDEAD, ipcchan_call(self->client, "die", 3, reply, 100,
					    10 * SECOND));
	EXPECT_EQ(CHILD_SIGNALED + SIGKILL, child_wait(pid));
}

TEST_HARNESS_MAIN
