// SPDX-License-Identifier: GPL-2.0
/* What a message queue can be used for. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <unistd.h>

#include "bench/transports/sysctl.h"
#include "lab.h"
#include "nls.h"
#include "sysv.h"
#include "stranger.h"

#define CLIENTS		2
#define REQUESTS	20
#define SENDERS		3
#define RECEIVERS	2
#define MESSAGES	200
#define BYTES		64

/* Of requests; replies have that of the client */
#define REQUEST		1
#define REPLY(client)	(REQUEST + 1 + (long)(client))

enum {
	VARIED_TYPES, VARIED_TYPES_RIGHT, VARIED_REQUESTS, VARIED_REPLIES, VARIED_MANY,
	VARIED_LARGEST, VARIED_ERRNO, VARIED_NEEDED,
};

static const char *const varied_names[] = {
	[VARIED_TYPES] = "types",
	[VARIED_TYPES_RIGHT] = "messages_taken_by_type",
	[VARIED_REQUESTS] = "requests",
	[VARIED_REPLIES] = "replies_that_came_to_their_client",
	[VARIED_MANY] = "messages_of_3_senders_to_2_receivers",
	[VARIED_LARGEST] = "largest_message_bytes",
	[VARIED_ERRNO] = "larger_message_errno",
	NULL,
};

/* @right: replies of each client */
struct varied {
	struct claim_value v[VARIED_NEEDED];
	struct sysv queue;
	unsigned int right[CLIENTS];
};

/* The last that was sent is the first that is asked for. */
static int try_types(struct varied *d)
{
	static const long types[] = { 3, 1, 2 };
	char text[QUEUE_TEXT];
	unsigned int right = 0;
	size_t i, n = sizeof(types) / sizeof(types[0]);
	int err = 0;
	long type;

	for (type = 1; !err && type <= (long)n; type++) {
		char digit = (char)('0' + type);

		err = queue_send(d->queue.id, type, &digit, 1);
	}
	for (i = 0; !err && i < n; i++)
		right += queue_recv(d->queue.id, types[i], text, IPC_NOWAIT) == 1 &&
			 text[0] == '0' + types[i];
	value_set(&d->v[VARIED_TYPES], (double)n);
	value_set(&d->v[VARIED_TYPES_RIGHT], right);
	return err;
}

/* A request says who asks, and for what: the reply is the same, for that client alone. */
struct request {
	unsigned int client;
	unsigned int number;
};

static int ask(struct varied *d, unsigned int client)
{
	struct request request = { .client = client }, reply;
	char text[QUEUE_TEXT];
	int err = 0;

	for (; !err && request.number < REQUESTS; request.number++) {
		err = queue_send(d->queue.id, REQUEST, &request, sizeof(request));
		if (err || queue_recv(d->queue.id, REPLY(client), text, 0) != sizeof(reply))
			return -EIO;
		memcpy(&reply, text, sizeof(reply));
		d->right[client] += reply.client == client && reply.number == request.number;
	}
	return err;
}

static int serve(struct varied *d)
{
	struct request request;
	char text[QUEUE_TEXT];
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < CLIENTS * REQUESTS; i++) {
		if (queue_recv(d->queue.id, REQUEST, text, 0) != sizeof(request))
			return -EIO;
		memcpy(&request, text, sizeof(request));
		err = queue_send(d->queue.id, REPLY(request.client), &request, sizeof(request));
	}
	return err;
}

static int two_way(void *arg, unsigned int index)
{
	struct varied *d = arg;

	return index < CLIENTS ? ask(d, index) : serve(d);
}

static int first(void *arg, unsigned int index)
{
	(void)index;
	return try_types(arg);
}

/* More than the system's largest one is refused, and is not cut. */
static int try_large(struct lab *lab, struct varied *d)
{
	long most = sysctl_number("kernel/msgmax");
	long *message;

	if (most < 0)
		return lab_fail(lab, -ENOENT, "kernel.msgmax cannot be read; is /proc mounted?");
	message = lab_memory(lab, sizeof(long) + (size_t)most + 1);
	if (!message)
		return -ENOMEM;
	*message = REQUEST;
	value_set(&d->v[VARIED_LARGEST], (double)most);
	value_set(&d->v[VARIED_ERRNO],
		  msgsnd(d->queue.id, message, (size_t)most + 1, IPC_NOWAIT) ? errno : 0);
	munmap(message, sizeof(long) + (size_t)most + 1);
	return 0;
}

/* Each message to one of them, and none lost or twice: the benchmark compares all */
static int try_many(struct lab *lab, struct varied *d)
{
	const struct lab_plan plan = {
		.transports = { "sysv-mq" },
		.workload = WORKLOAD_MESH,
		.crew = { SENDERS, RECEIVERS },
		.sizes = { BYTES },
		.place = PLACE_FREE,
		.messages = MESSAGES,
		.payload = PAYLOAD_VERIFY,
		.runs = 1,
	};
	const struct bench_case *c;
	struct bench bench;
	int err = lab_bench(lab, &bench, &plan);

	if (!err)
		err = lab_right(lab, &bench, "sysv-mq", WAIT_BLOCK, BYTES);
	if (err >= 0) {
		c = lab_case(&bench, "sysv-mq", WAIT_BLOCK, BYTES);
		value_set(&d->v[VARIED_MANY], c ? (double)c->messages : 0);
		err = 0;
	}
	cases_free(&bench);
	return err;
}

static int varied_all(struct lab *lab, struct varied *d)
{
	unsigned int i, right = 0;
	int err = lab_run(lab, 1, first, d);

	if (!err)
		err = lab_run(lab, CLIENTS + 1, two_way, d);
	for (i = 0; i < CLIENTS; i++)
		right += d->right[i];
	value_set(&d->v[VARIED_REQUESTS], CLIENTS * REQUESTS);
	value_set(&d->v[VARIED_REPLIES], right);
	if (!err)
		err = try_large(lab, d);
	return err ? err : try_many(lab, d);
}

static int varied_measure(struct lab *lab, struct claim_value *v)
{
	struct varied *d = lab_memory(lab, sizeof(*d));
	int err;

	if (!d)
		return -ENOMEM;
	err = queue_make(&d->queue);
	if (err)
		lab_fail(lab, err, "msgget: %s", strerror(-err));
	else
		err = varied_all(lab, d);
	sysv_remove(&d->queue);
	memcpy(v, d->v, sizeof(d->v));
	munmap(d, sizeof(*d));
	return err;
}

static struct claim_judgement varied_judge(const struct claim_value *v)
{
	unsigned int ways = (v[VARIED_TYPES_RIGHT].value == v[VARIED_TYPES].value) +
			    (v[VARIED_REPLIES].value == v[VARIED_REQUESTS].value) +
			    (v[VARIED_MANY].value > 0);

	if (!ways)
		return judged(CLAIM_FAILS, N_("none of the ways that were tried works"));
	if (ways < 3)
		return judged(CLAIM_CONDITION, N_("not all ways that were tried work"));
	return judged(CLAIM_HOLDS, NULL);
}

static void varied_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("%s of %s messages were taken by their type, not in the order they came "
		       "in."),
		  claim_number(t, &v[VARIED_TYPES_RIGHT]), claim_number(t, &v[VARIED_TYPES]));
	claim_say(t, _("Of %s requests of two clients over one queue %s replies came to their "
		       "client."),
		  claim_number(t, &v[VARIED_REQUESTS]), claim_number(t, &v[VARIED_REPLIES]));
	if (v[VARIED_MANY].value > 0)
		claim_say(t, _("%s messages of three senders came to one of two receivers each, "
			       "none lost and none twice."), claim_number(t, &v[VARIED_MANY]));
	else
		claim_say(t, _("Of the messages of three senders to two receivers some were lost, "
			       "came twice or were changed."));
	claim_say(t, _("A message shall have at most %s bytes: a larger one gives %s (EINVAL is "
		       "22)."), claim_number(t, &v[VARIED_LARGEST]),
		  claim_errno(t, &v[VARIED_ERRNO]));
}

const struct claim claim_varied = {
	.number = 17,
	.concept = N_("Message queue"),
	.statement = N_("Message queues are used for varied communication among processes."),
	.done = N_("One queue is used in three ways: messages are picked by their type; two "
		   "clients ask one server and get their own replies; three senders and two "
		   "receivers share it. Then a message is sent that is too large."),
	.names = varied_names,
	.needed = VARIED_NEEDED,
	.measure = varied_measure,
	.judge = varied_judge,
	.tell = varied_tell,
};
