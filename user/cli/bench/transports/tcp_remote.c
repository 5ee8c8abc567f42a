// SPDX-License-Identifier: GPL-2.0
/*
 * TCP to another host that runs ipcchan bench --listen.  Side 1 is over there: the process
 * of this name here only tells what it is to do, and waits for what came of it.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../remote.h"
#include "../remote_wire.h"
#include "../remote_work.h"
#include "fd.h"
#include "library.h"
#include "stream.h"

/* For the other host to say that it is ready */
#define READY_MS	10000

/* Messages of a block of a stream, at most: of a deeper queue no times are told */
#define BLOCK_MOST	1024

/* Deeper than this times what was asked for it is not looked at */
#define DEPTH_MOST	4

/**
 * struct remote - shared by all processes of this host
 * @synced: nothing is under way in the session
 * @buffer: bytes asked for
 * @cookie: by which the other side knows the connection of a run
 */
struct remote {
	_Atomic bool synced;
	size_t buffer;
	uint64_t cookie;
};

/* Return: 0, with the cookie; negative errno with @why */
static int tell_plan(struct remote_plan *plan, uint64_t *cookie, char *why)
{
	int fd = remote_session(why), err;

	if (fd < 0)
		return fd;
	err = remote_send(fd, REMOTE_PLAN, (uint64_t *)plan, REMOTE_WORDS(*plan));
	if (!err)
		err = remote_recv(fd, REMOTE_READY, cookie, 1, READY_MS);
	if (err)
		snprintf(why, WHY_SIZE, "the other host: %s", remote_explain(err));
	return err;
}

/* Return: a connection for messages, which begin now; negative errno with @why */
static int open_data(size_t buffer, uint64_t cookie, char *why)
{
	int fd = remote_dial(buffer, why), err;

	if (fd < 0)
		return fd;
	err = remote_send(fd, REMOTE_DATA, &cookie, 1);
	if (!err)
		return fd;
	snprintf(why, WHY_SIZE, "the other host: %s", remote_explain(err));
	close(fd);
	return err;
}

/* Return: bytes that a direction holds while nobody receives; negative errno with why */
static ssize_t fill(struct link *link, int fd)
{
	char *msg = calloc(1, link->size);
	size_t most = DEPTH_MOST * link->depth, sent = 0;
	uint64_t since = 0;
	ssize_t n = 0;

	if (!msg)
		return link_refuse(link, -ENOMEM, "no memory for a message");
	while (sent < most) {
		n = send(fd, msg, link->size, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			break;
		if (n < 0 && library_full(&since))
			break;
		if (n > 0) {
			sent += (size_t)n;
			since = 0;
		}
	}
	free(msg);
	if (n < 0 && errno != EAGAIN)
		return link_refuse(link, -errno, "the other host: %s", remote_explain(-errno));
	return (ssize_t)sent;
}

static int find_depth(struct link *link, struct remote *r)
{
	struct remote_plan plan = {
		.fill = 1, .size = link->size, .buffer = r->buffer, .batch = 1,
		.timeout_ns = READY_MS * 1000000ull,
	};
	uint64_t cookie;
	ssize_t bytes;
	int fd, err;

	err = tell_plan(&plan, &cookie, link->why);
	if (err)
		return err;
	fd = open_data(r->buffer, cookie, link->why);
	if (fd < 0)
		return fd;
	bytes = fill(link, fd);
	close(fd);
	if (bytes < 0)
		return (int)bytes;
	if ((size_t)bytes < link->size)
		return link_refuse(link, -ENOBUFS, "there is no room for a message of %zu "
				   "bytes: raise net.core.wmem_max, rmem_max", link->size);
	link->depth = (size_t)bytes / link->size * link->size;
	return 0;
}

static int remote_setup(struct link *link)
{
	struct remote *r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int err;

	if (r == MAP_FAILED)
		return link_refuse(link, -errno, "no memory");
	link->priv = r;
	r->buffer = link->depth;
	err = find_depth(link, r);
	r->synced = !err;
	return err;
}

static int remote_attach(struct link *link, int side)
{
	(void)link;
	(void)side;
	return 0;
}

static void remote_teardown(struct link *link)
{
	struct remote *r = link->priv;

	if (!r)
		return;
	if (!r->synced)
		remote_drop();
	munmap(r, sizeof(*r));
	link->priv = NULL;
}

/* Twice what it holds: that differs from run to run, and a block is of a whole queue */
static uint32_t block(const struct run_plan *plan, const struct link *link)
{
	size_t held = 2 * (link->depth / link->size);

	if (plan->batch || plan->workload == WORKLOAD_PINGPONG)
		return plan->batch ? plan->batch : 1;
	return held < BLOCK_MOST ? (uint32_t)held : BLOCK_MOST;
}

/* Side 0, once the other host is ready */
static int drive(const struct run_plan *plan, struct run_shared *shared, struct link *link)
{
	const struct remote *r = link->priv;
	char *why = shared->why[0];
	int fd = open_data(r->buffer, r->cookie, why), err;

	if (fd < 0)
		return CHILD_FAILED;
	err = fd_attach(link, fd, fd);
	if (!err)
		err = fd_wait_init(link);
	if (!err)
		return remote_work(plan, shared, link, 0);
	memcpy(why, link->why, WHY_SIZE);
	return CHILD_FAILED;
}

/* Are these as many messages as were sent, as far as this side knows? */
static bool count_sound(const struct run_plan *plan, const struct remote_result *result)
{
	return result->messages && result->wall_ns &&
	       (!plan->messages || result->messages == plan->messages);
}

/* What the other host has measured becomes what this side has */
static int take_result(const struct run_plan *plan, struct run_shared *shared,
		       const struct remote_result *result)
{
	if (plan->workload == WORKLOAD_STREAM && result->status == CHILD_OK &&
	    !count_sound(plan, result)) {
		snprintf(shared->why[1], WHY_SIZE, "it received %llu messages in %llu ns",
			 (unsigned long long)result->messages,
			 (unsigned long long)result->wall_ns);
		return CHILD_CORRUPT;
	}
	memcpy(shared->why[1], result->why, WHY_SIZE);
	shared->ledger[1].known = (unsigned int)result->known;
	memcpy(shared->ledger[1].value, result->value, sizeof(result->value));
	if (plan->workload == WORKLOAD_STREAM && result->status == CHILD_OK) {
		shared->messages = result->messages;
		shared->wall_ns = result->wall_ns;
		shared->hist = result->hist;
	}
	return (int)result->status;
}

/* Side 1: what it does is done on the other host */
static int supervise(const struct run_plan *plan, struct run_shared *shared,
		     struct link *link)
{
	struct remote_plan remote = {
		.workload = plan->workload, .payload = plan->payload, .wait = link->wait,
		.size = link->size, .batch = plan->batch, .counts = plan->counts,
		.timeout_ns = plan->timeout_ns,
	};
	struct remote *r = link->priv;
	struct remote_result result;
	char *why = shared->why[1];
	int err;

	r->synced = false;
	remote.buffer = r->buffer;
	if (tell_plan(&remote, &r->cookie, why))
		return CHILD_FAILED;
	workload_handshake(&shared->arrived, SIDES);
	err = remote_result_recv(remote_session(why), &result);
	if (err) {
		snprintf(why, WHY_SIZE, "the other host: %s", remote_explain(err));
		return CHILD_FAILED;
	}
	r->synced = true;
	return take_result(plan, shared, &result);
}

static int remote_run(const struct run_plan *plan, struct run_shared *shared,
		      struct link *link, int side)
{
	struct run_plan own = *plan;

	own.batch = block(plan, link);
	if (side)
		return supervise(&own, shared, link);
	workload_handshake(&shared->arrived, SIDES);
	return drive(&own, shared, link);
}

const struct transport transport_tcp_remote = {
	.name = "tcp",
	.about = "TCP to another host",
	.wait = WAIT_BLOCK,
	.waits = WAITS_ALL,
	.workloads = 1u << WORKLOAD_PINGPONG | 1u << WORKLOAD_STREAM,
	.max_size = INT_MAX,
	.copies = COPIES(2),
	.remote = &transport_tcp_remote,
	.setup = remote_setup,
	.attach = remote_attach,
	.begin = fd_begin,
	.send = stream_send,
	.recv = stream_recv,
	.done = fd_done,
	.run = remote_run,
	.teardown = remote_teardown,
};
