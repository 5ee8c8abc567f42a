// SPDX-License-Identifier: GPL-2.0
#include "sysv.h"

#include <errno.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/random.h>
#include <sys/shm.h>

/* As msgsnd(2) has it */
struct message {
	long type;
	char text[QUEUE_TEXT];
};

/* The keeper is forked once this is set, and makes one object. */
static key_t next_key;

static int make_queue(size_t size)
{
	(void)size;
	return msgget(next_key, IPC_CREAT | IPC_EXCL | 0600);
}

static void remove_queue(int id)
{
	msgctl(id, IPC_RMID, NULL);
}

static int make_segment(size_t size)
{
	return shmget(next_key, size, IPC_CREAT | IPC_EXCL | 0600);
}

static void remove_segment(int id)
{
	shmctl(id, IPC_RMID, NULL);
}

static int make(struct sysv *s, const struct keeper_kind *kind, size_t size)
{
	s->keeper = KEEPER_NONE;
	do {
		if (getrandom(&s->key, sizeof(s->key), 0) != sizeof(s->key))
			return -EIO;
	} while (s->key == IPC_PRIVATE);
	next_key = s->key;
	return keeper_start(&s->keeper, kind, size, &s->id, 1);
}

int queue_make(struct sysv *s)
{
	static const struct keeper_kind kind = { .make = make_queue, .remove = remove_queue };

	return make(s, &kind, 0);
}

int segment_make(struct sysv *s, size_t size)
{
	static const struct keeper_kind kind = {
		.make = make_segment, .remove = remove_segment,
	};

	return make(s, &kind, size);
}

void sysv_remove(struct sysv *s)
{
	keeper_stop(&s->keeper);
}

int queue_send(int id, long type, const void *text, size_t size)
{
	struct message m = { .type = type };

	memcpy(m.text, text, size);
	return msgsnd(id, &m, size, 0) ? -errno : 0;
}

ssize_t queue_recv(int id, long type, void *text, int flags)
{
	struct message m;
	ssize_t n = msgrcv(id, &m, QUEUE_TEXT, type, flags);

	if (n < 0)
		return -errno;
	memcpy(text, m.text, (size_t)n);
	return n;
}
