// SPDX-License-Identifier: GPL-2.0
/* Sockets: to this host, and to another one. */
#include "bench/remote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli.h"
#include "lab.h"
#include "nls.h"
#include "pass.h"
#include "stranger.h"
#include "veth.h"

#define BYTES		64
#define NEAR		0x0a4d0001u	/* 10.77.0.1 */
#define FAR		0x0a4d0002u
#define FAR_NAME	"10.77.0.2:7077"
#define LIMIT_NS	(LAB_SECONDS * 1000000000ull)

enum {
	REACH_LOCAL, REACH_LOCAL_TCP, REACH_REMOTE, REACH_UNIX_ERRNO, REACH_NEEDED,
};

static const char *const reach_names[] = {
	[REACH_LOCAL] = "local_unix_round_trip_ns",
	[REACH_LOCAL_TCP] = "local_tcp_round_trip_ns",
	[REACH_REMOTE] = "other_network_tcp_round_trip_ns",
	[REACH_UNIX_ERRNO] = "other_network_unix_connect_errno",
	NULL,
};

/**
 * struct reach - of the two that are as two hosts
 * @lab: of the process that measures, which has a copy
 * @name: of a UNIX socket that listens in the near network, an abstract one
 * @here: 1 once the far network is there, 2 once the cable is, 3 once its end is up
 * @why: what failed there
 */
struct reach {
	_Atomic uint32_t here;
	struct claim_value v[REACH_NEEDED];
	struct lab *lab;
	struct pass_name name;
	char why[CLAIM_WHY];
};

/*
 * An abstract name is known in its network only.  One in the file system would be found by whoever
 * sees the file, which is so in both networks of one host, and is not on another host.
 */
static void try_unix(struct reach *r)
{
	int fd = pass_dial(&r->name);

	value_set(&r->v[REACH_UNIX_ERRNO], fd < 0 ? -fd : 0);
	if (fd >= 0)
		close(fd);
}

/* The host that listens; what it prints goes to @out, and says that it does */
static int be_far(struct reach *r, int out)
{
	int err = veth_namespace();

	if (err)
		return err;
	atomic_store(&r->here, 1);
	err = word_wait(&r->here, 2);
	if (!err)
		err = veth_up(FAR);
	if (err)
		return err;
	atomic_store(&r->here, 3);
	try_unix(r);
	if (dup2(out, STDOUT_FILENO) < 0)
		return -errno;
	return remote_listen(FAR_NAME, LIMIT_NS, true, r->lab->verb) ? -EIO : 0;
}

static int join(struct reach *r, pid_t far)
{
	int err = word_wait(&r->here, 1);

	if (!err)
		err = veth_make(far);
	if (err)
		return err;
	atomic_store(&r->here, 2);
	err = veth_up(NEAR);
	return err ? err : word_wait(&r->here, 3);
}

/* Over the cable, by the benchmark, as between any two hosts */
static int measure_far(struct reach *r)
{
	const struct lab_plan plan = {
		.transports = { "tcp" }, .workload = WORKLOAD_PINGPONG, .sizes = { BYTES },
		.payload = PAYLOAD_TOUCH, .connect = FAR_NAME,
	};
	struct bench bench;
	char why[WHY_SIZE];
	int err = remote_connect(FAR_NAME, why);

	if (err) {
		snprintf(r->why, sizeof(r->why), "%s", why);
		return err;
	}
	err = lab_bench(r->lab, &bench, &plan);
	if (!err)
		value_time(&r->v[REACH_REMOTE], lab_case(&bench, "tcp", WAIT_BLOCK, BYTES));
	if (!err && !r->v[REACH_REMOTE].known)
		err = lab_missing(r->lab, &bench, "tcp", WAIT_BLOCK, BYTES);
	if (err)
		memcpy(r->why, r->lab->why, sizeof(r->why));
	cases_free(&bench);
	remote_drop();
	return err;
}

static int be_near(void *arg, unsigned int index)
{
	struct reach *r = arg;
	int err = veth_namespace(), out[2], listener;
	char line[64];
	pid_t far;

	(void)index;
	if (err)
		return err;
	listener = pass_listen(&r->name);
	if (listener < 0)
		return listener;
	if (pipe(out))
		return -errno;
	far = kin_start();
	if (far < 0)
		return -errno;
	if (!far)
		_exit(-be_far(r, out[1]));
	close(out[1]);
	err = join(r, far);
	if (!err && read(out[0], line, sizeof(line)) <= 0)
		err = -EPIPE;
	if (!err)
		err = measure_far(r);
	close(listener);
	return err;
}

static int reach_local(struct lab *lab, struct claim_value *v)
{
	const struct lab_plan plan = {
		.transports = { "unix-stream", "tcp" }, .workload = WORKLOAD_PINGPONG,
		.waits = { WAIT_BLOCK }, .n_waits = 1, .sizes = { BYTES }, .place = PLACE_FREE,
		.payload = PAYLOAD_TOUCH,
	};
	struct bench bench;
	int err = lab_bench(lab, &bench, &plan);

	if (!err) {
		value_time(&v[REACH_LOCAL], lab_case(&bench, "unix-stream", WAIT_BLOCK, BYTES));
		value_time(&v[REACH_LOCAL_TCP], lab_case(&bench, "tcp", WAIT_BLOCK, BYTES));
		if (!v[REACH_LOCAL].known)
			err = lab_missing(lab, &bench, "unix-stream", WAIT_BLOCK, BYTES);
		else if (!v[REACH_LOCAL_TCP].known)
			err = lab_missing(lab, &bench, "tcp", WAIT_BLOCK, BYTES);
	}
	cases_free(&bench);
	return err;
}

static int reach_far(struct lab *lab, struct claim_value *v)
{
	struct reach *r = lab_memory(lab, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->lab = lab;
	err = lab_run(lab, 1, be_near, r);
	v[REACH_REMOTE] = r->v[REACH_REMOTE];
	v[REACH_UNIX_ERRNO] = r->v[REACH_UNIX_ERRNO];
	if (err)
		lab_fail(lab, err, "no second network on this host: %.120s; between two hosts "
			 "\"ipcchan bench\" measures with --listen and --connect",
			 *r->why ? r->why : strerror(-err));
	munmap(r, sizeof(*r));
	return err;
}

static int reach_measure(struct lab *lab, struct claim_value *v)
{
	int err = reach_local(lab, v);

	return err ? err : reach_far(lab, v);
}

static struct claim_judgement reach_judge(const struct claim_value *v)
{
	if (v[REACH_LOCAL].value <= 0 || v[REACH_REMOTE].value <= 0)
		return judged(CLAIM_FAILS, N_("only one of both can be reached"));
	if (!v[REACH_UNIX_ERRNO].value)
		return judged(CLAIM_HOLDS, NULL);
	return judged(CLAIM_CONDITION, N_("a socket of the network reaches both, the abstract name "
					  "of a UNIX socket is known in its own network only"));
}

static void reach_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("A round trip of 64 bytes takes %s ns through a UNIX socket and %s ns "
		       "through TCP on this host."), claim_number(t, &v[REACH_LOCAL]),
		  claim_number(t, &v[REACH_LOCAL_TCP]));
	claim_say(t, _("To the other network it takes %s ns through TCP."),
		  claim_number(t, &v[REACH_REMOTE]));
	claim_say(t, _("To connect from there to a UNIX socket by its abstract name gives %s "
		       "(ECONNREFUSED is 111). That shows no more than whose such names are: both "
		       "networks are on one host, where a name in the file system would be "
		       "found."), claim_errno(t, &v[REACH_UNIX_ERRNO]));
}

const struct claim claim_reach = {
	.number = 21,
	.concept = N_("Socket"),
	.statement = N_("It shares data between processes both locally and remotely."),
	.done = N_("Round trips are measured on this host, through a UNIX socket and through TCP, "
		   "and through TCP to a network of its own, with other interfaces and addresses, "
		   "which a virtual cable joins as another host would be. From there a UNIX socket "
		   "of this network is looked for by its abstract name."),
	.names = reach_names,
	.needed = REACH_NEEDED,
	.measure = reach_measure,
	.judge = reach_judge,
	.tell = reach_tell,
};
