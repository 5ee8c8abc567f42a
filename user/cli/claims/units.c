// SPDX-License-Identifier: GPL-2.0
/* What a message queue is beside a pipe. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <unistd.h>

#include <ipcchan.h>

#include "bench/transports/unique.h"
#include "lab.h"
#include "nls.h"
#include "sysv.h"
#include "stranger.h"

/* Messages of one, two and three bytes */
static const char *const texts[] = { "1", "22", "333" };

#define TEXTS		(sizeof(texts) / sizeof(texts[0]))

enum {
	UNITS_SENT, UNITS_PIPE, UNITS_SYSV, UNITS_OUTLIVED, UNITS_FOUND, UNITS_MODULE,
	UNITS_NEEDED,
	UNITS_POSIX = UNITS_NEEDED, UNITS_CHANNEL, UNITS_NR,
};

static const char *const unit_names[] = {
	[UNITS_SENT] = "messages",
	[UNITS_PIPE] = "pipe_reads",
	[UNITS_SYSV] = "sysv_queue_right_messages",
	[UNITS_OUTLIVED] = "messages_that_outlived_their_sender",
	[UNITS_FOUND] = "messages_found_by_key_and_id",
	[UNITS_MODULE] = "module_loaded",
	[UNITS_POSIX] = "posix_queue_right_messages",
	[UNITS_CHANNEL] = "channel_right_messages",
	NULL,
};

/**
 * struct units - what the processes share to tell what they saw
 * @finder: who is not related, and knows the key
 */
struct units {
	struct claim_value v[UNITS_NR];
	struct sysv queue;
	struct stranger finder;
};

static bool is_text(size_t i, const void *got, ssize_t n)
{
	return n == (ssize_t)strlen(texts[i]) && !memcmp(got, texts[i], (size_t)n);
}

static int try_pipe(struct units *u)
{
	char got[QUEUE_TEXT];
	unsigned int reads = 0;
	int fds[2];
	size_t i;

	if (pipe(fds))
		return -errno;
	for (i = 0; i < TEXTS; i++)
		if (write(fds[1], texts[i], strlen(texts[i])) < 0)
			return -errno;
	close(fds[1]);
	while (read(fds[0], got, sizeof(got)) > 0)
		reads++;
	close(fds[0]);
	value_set(&u->v[UNITS_PIPE], reads);
	return 0;
}

/* By a process of its own, which has ended when this returns */
static int send_all(const struct units *u)
{
	pid_t pid = kin_start();
	size_t i;

	if (pid < 0)
		return -errno;
	if (pid)
		return kin_wait(pid) ? -EIO : 0;
	for (i = 0; i < TEXTS; i++)
		if (queue_send(u->queue.id, 1, texts[i], strlen(texts[i])))
			_exit(1);
	_exit(0);
}

static int try_sysv(struct units *u)
{
	char got[QUEUE_TEXT];
	unsigned int right = 0, came = 0;
	int err = send_all(u);
	ssize_t n;
	size_t i;

	for (i = 0; !err && i < TEXTS; i++) {
		n = queue_recv(u->queue.id, 0, got, IPC_NOWAIT);
		came += n >= 0;
		right += is_text(i, got, n);
	}
	value_set(&u->v[UNITS_SYSV], right);
	value_set(&u->v[UNITS_OUTLIVED], came);
	return err;
}

static int find(void *arg)
{
	struct units *u = arg;
	int id = msgget(u->queue.key, 0);
	char got[QUEUE_TEXT];
	unsigned int right = 0;
	size_t i;

	for (i = 0; id == u->queue.id && i < TEXTS; i++)
		right += is_text(i, got, queue_recv(id, 0, got, IPC_NOWAIT));
	value_set(&u->v[UNITS_FOUND], right);
	return 0;
}

static int try_finder(struct units *u)
{
	int err = send_all(u);

	if (!err)
		err = stranger_start(&u->finder, find, u);
	return err ? err : stranger_wait(&u->finder);
}

/*
 * Read by who finds it by its name.  Where there are none the value stays unknown.  By who is
 * not ended early, so that the name does not stay.
 */
static void try_posix(struct units *u)
{
	struct mq_attr attr = { .mq_maxmsg = TEXTS, .mq_msgsize = QUEUE_TEXT };
	char name[UNIQUE_NAME_SIZE], got[QUEUE_TEXT];
	unsigned int right = 0;
	mqd_t mq, found;
	size_t i;

	if (unique_name(name))
		return;
	mq = mq_open(name, O_CREAT | O_EXCL | O_WRONLY | O_NONBLOCK, 0600, &attr);
	if (mq == (mqd_t)-1)
		return;
	found = mq_open(name, O_RDONLY | O_NONBLOCK);
	mq_unlink(name);
	for (i = 0; i < TEXTS; i++)
		mq_send(mq, texts[i], strlen(texts[i]), 0);
	mq_close(mq);
	for (i = 0; found != (mqd_t)-1 && i < TEXTS; i++)
		right += is_text(i, got, mq_receive(found, got, sizeof(got), NULL));
	if (found != (mqd_t)-1)
		mq_close(found);
	value_set(&u->v[UNITS_POSIX], right);
}

static void try_channel(struct units *u)
{
	const struct ipcchan_opts opts = { .flags = IPCCHAN_ATTACH_ANON, .nonblock = 1 };
	struct ipcchan *chan;
	char got[QUEUE_TEXT];
	unsigned int right = 0;
	size_t i;

	if (ipcchan_open(&chan, NULL, &opts))
		return;
	for (i = 0; i < TEXTS; i++)
		ipcchan_send(chan, texts[i], strlen(texts[i]));
	for (i = 0; i < TEXTS; i++)
		right += is_text(i, got, ipcchan_recv(chan, got, sizeof(got)));
	ipcchan_close(chan);
	value_set(&u->v[UNITS_CHANNEL], right);
}

static int units_run(void *arg, unsigned int index)
{
	struct units *u = arg;
	int err = try_pipe(u);

	(void)index;
	if (!err)
		err = try_sysv(u);
	if (!err)
		err = try_finder(u);
	if (!err)
		try_channel(u);
	return err;
}

static int units_measure(struct lab *lab, struct claim_value *v)
{
	struct units *u = lab_memory(lab, sizeof(*u));
	int err;

	if (!u)
		return -ENOMEM;
	err = queue_make(&u->queue);
	if (err)
		lab_fail(lab, err, "msgget: %s", strerror(-err));
	else
		err = lab_run(lab, 1, units_run, u);
	stranger_end(&u->finder);
	sysv_remove(&u->queue);
	if (!err)
		try_posix(u);
	memcpy(v, u->v, sizeof(u->v));
	value_set(&v[UNITS_SENT], TEXTS);
	value_set(&v[UNITS_MODULE], lab->module);
	munmap(u, sizeof(*u));
	return err;
}

static struct claim_judgement units_judge(const struct claim_value *v)
{
	double sent = v[UNITS_SENT].value;

	if (v[UNITS_SYSV].value < sent)
		return judged(CLAIM_FAILS, N_("messages do not stay apart"));
	if (v[UNITS_PIPE].value >= sent)
		return judged(CLAIM_CONDITION, N_("messages stay apart, but so do they in a pipe "
						  "here"));
	if (v[UNITS_FOUND].value < sent)
		return judged(CLAIM_CONDITION, N_("messages stay apart, but the queue is not "
						  "found by its key and id"));
	if (v[UNITS_POSIX].known && v[UNITS_POSIX].value >= sent)
		return judged(CLAIM_CONDITION, N_("so is that of System V; a POSIX queue keeps "
						  "units as well, and is found by a name"));
	return judged(CLAIM_HOLDS, NULL);
}

static void units_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("Of %s messages a pipe made %s, and the queue kept %s apart."),
		  claim_number(t, &v[UNITS_SENT]), claim_number(t, &v[UNITS_PIPE]),
		  claim_number(t, &v[UNITS_SYSV]));
	claim_say(t, _("%s of them were there after their sender had ended; by the key an "
		       "unrelated process found %s messages in the queue."),
		  claim_number(t, &v[UNITS_OUTLIVED]), claim_number(t, &v[UNITS_FOUND]));
	if (v[UNITS_POSIX].known)
		claim_say(t, _("A POSIX queue, found by its name, kept %s apart."),
			  claim_number(t, &v[UNITS_POSIX]));
	if (v[UNITS_CHANNEL].known)
		claim_say(t, _("A channel of ipcchan kept %s apart."),
			  claim_number(t, &v[UNITS_CHANNEL]));
	else if (!v[UNITS_MODULE].value)
		claim_say(t, _("The module of ipcchan is not loaded, or may not be used: "
			       "its channels were left out."));
}

const struct claim claim_units = {
	.number = 16,
	.concept = N_("Message queue"),
	.statement = N_("A message queue is a pipe that uses memory; communication is in units of "
			"messages, and it is found by a queue id."),
	.done = N_("Messages of one, two and three bytes are sent through a pipe and through a "
		   "message queue, and read once their sender has ended. An unrelated process "
		   "looks for the queue by its key."),
	.names = unit_names,
	.needed = UNITS_NEEDED,
	.measure = units_measure,
	.judge = units_judge,
	.tell = units_tell,
};
