// SPDX-License-Identifier: GPL-2.0
#include "ban.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/workload.h"
#include "stranger.h"

#define BYTES		64

/* Where both share a CPU, each waits for the other one's time slice to end */
#define TRIPS		1000
#define TRIPS_ONE_CPU	10

/**
 * struct ban - of both processes
 * @link: as set up; each side has a copy
 * @here: sides that are ready
 * @came: messages, by the side that got them
 * @fell: signal that ended a side
 * @permitted: why a side may make system calls still; 0 when it may not
 */
struct ban {
	_Atomic uint32_t came[SIDES];
	_Atomic int fell[SIDES];
	_Atomic int permitted;
	_Atomic uint32_t here;
	struct link link;
	struct placement place;
	unsigned int trips;
};

/* From now on every system call is the end, but for the end itself */
static int forbid_calls(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
	};
	const struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]), .filter = code,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return -errno;
	return 0;
}

static bool send_one(struct link *link, unsigned int number)
{
	const struct transport *t = link->transport;
	void *msg;

	if (t->begin(link, &msg) < 0)
		return false;
	memset(msg, (int)(number & 0xff), BYTES);
	return t->send(link) >= 0 && (!t->flush || t->flush(link) >= 0);
}

static bool recv_one(struct link *link, unsigned int number)
{
	const struct transport *t = link->transport;
	const void *msg;
	const unsigned char *bytes;
	bool right;

	if (t->recv(link, &msg) != BYTES)
		return false;
	bytes = msg;
	right = bytes[0] == (number & 0xff) && bytes[BYTES - 1] == (number & 0xff);
	return t->done(link) >= 0 && right;
}

static bool exchange(struct ban *b, struct link *link, int side)
{
	unsigned int i;

	for (i = 0; i < b->trips; i++) {
		if (side ? !recv_one(link, i) || !send_one(link, i) :
			   !send_one(link, i) || !recv_one(link, i))
			return false;
		atomic_fetch_add(&b->came[side], 1);
	}
	return true;
}

/* Who falls closes nothing of the other one, which would wait: it is ended, too */
static int live(struct ban *b, int side)
{
	int err = placement_pin(&b->place, side);
	struct link link = b->link;

	if (!err)
		err = link.transport->attach(&link, side);
	if (err)
		return -err;
	workload_handshake(&b->here, SIDES);
	err = forbid_calls();
	if (err) {
		atomic_store(&b->permitted, err);
		return -err;
	}
	return exchange(b, &link, side) ? 0 : EIO;
}

/* Each side is watched by a process of its own, which may be told of its end */
static int side_main(void *arg, unsigned int side)
{
	struct ban *b = arg;
	pid_t pid = kin_start();
	int status;

	if (pid < 0)
		return -errno;
	if (!pid)
		_exit(live(b, (int)side));
	status = kin_wait(pid);
	if (status < 0)
		atomic_store(&b->fell[side], -status);
	return status < 0 ? -EPERM : -status;
}

static int set_up(struct lab *lab, struct ban *b, const struct transport *t)
{
	b->link = (struct link){
		.transport = t, .workload = WORKLOAD_PINGPONG, .crew = { 1, 1 },
		.wait = t->wait, .size = BYTES, .depth = 64 * BYTES, .batch = 1, .per_call = 1,
		.tx_nr = 1, .rx_nr = 1, .tx_fd = -1, .rx_fd = -1, .epoll = { -1, -1 },
	};
	b->place = lab->place[lab->pair];
	b->trips = lab->pair == PLACE_SAME ? TRIPS_ONE_CPU : TRIPS;
	if (t->setup(&b->link))
		return lab_fail(lab, -EIO, "%s: %s", t->name, b->link.why);
	return 0;
}

int ban_run(struct lab *lab, const char *transport, struct ban_seen *seen)
{
	const struct transport *t = transport_find(transport);
	struct ban *b = lab_memory(lab, sizeof(*b));
	int err, signal;

	if (!b)
		return -ENOMEM;
	err = set_up(lab, b, t);
	if (!err)
		err = lab_run(lab, SIDES, side_main, b);
	if (atomic_load(&b->permitted))
		lab_fail(lab, err, "this kernel has no filters of system calls "
			 "(CONFIG_SECCOMP_FILTER), or does not let them be");
	t->teardown(&b->link);
	signal = atomic_load(&b->fell[0]);
	signal = signal ? signal : atomic_load(&b->fell[1]);
	*seen = (struct ban_seen){
		.messages = atomic_load(&b->came[0]) + atomic_load(&b->came[1]),
		.wanted = SIDES * b->trips,
		.signal = signal,
	};
	munmap(b, sizeof(*b));
	/* who fell at a call is what was to be seen */
	return signal == SIGSYS ? 0 : err;
}
