// SPDX-License-Identifier: GPL-2.0
/*
 * The benchmark with transports that fail.  Each is a pipe that does one thing
 * wrong, once, with message $FAULT_AT of side 0, or is slower by $FAULT_SLOW percent;
 * some have the names of rungs of the ladder.  Built and run by bench-fault.sh.
 */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/clock.h"
#include "bench/payload.h"
#include "bench/transport.h"
#include "cli.h"

const char *argp_program_version = "test";

extern const struct transport transport_pipe;

static unsigned long fault_at, sent;
static int own_side;

static void gauge(void);

static int attach(struct link *link, int side)
{
	own_side = side;
	gauge();
	return transport_pipe.attach(link, side);
}

static bool now(void)
{
	return !own_side && sent++ == fault_at;
}

static int send_not(struct link *link)
{
	return now() ? 0 : transport_pipe.send(link);
}

static int send_twice(struct link *link)
{
	if (now())
		transport_pipe.send(link);
	return transport_pipe.send(link);
}

static int send_flipped(struct link *link)
{
	if (now())
		((unsigned char *)link->tx_buf)[link->size - 1] ^= 0x10;
	return transport_pipe.send(link);
}

/* What the sum of all words cannot tell */
static int send_swapped(struct link *link)
{
	uint64_t *w = link->tx_buf, first = w[1];

	if (now()) {
		w[1] = w[2];
		w[2] = first;
	}
	return transport_pipe.send(link);
}

/* Halves of the neighbours, whose words add up to the same */
static int send_mixed(struct link *link)
{
	uint64_t *w = link->tx_buf, next = PAYLOAD_FACTOR * SIDES;
	size_t i, words = link->size / sizeof(*w);

	if (!now())
		words = 0;
	for (i = 0; i < words; i++)
		w[i] += i < words / 2 ? next : -next;
	return transport_pipe.send(link);
}

/* The stall of the sender, and of the receiver's every release */
#define STALL_NS	100000000
#define RELEASE_NS	200000

static int nap(long ns)
{
	struct timespec ts = { .tv_nsec = ns };

	nanosleep(&ts, NULL);
	return 0;
}

/* In two writes, between which another sender has its turn */
static int send_torn(struct link *link)
{
	size_t half = link->size / 2;

	if (!now())
		return transport_pipe.send(link);
	if (write(link->tx_fd, link->tx_buf, half) != (ssize_t)half)
		return -EIO;
	nap(STALL_NS / 10);
	half = link->size - half;
	return write(link->tx_fd, (char *)link->tx_buf + link->size - half, half) ==
		(ssize_t)half ? 0 : -EIO;
}

static int send_killed(struct link *link)
{
	if (now())
		raise(SIGKILL);
	return transport_pipe.send(link);
}

/* As a library does that has had enough */
static int send_ended(struct link *link)
{
	if (now())
		_exit(99);
	return transport_pipe.send(link);
}

static int send_never(struct link *link)
{
	while (now())
		pause();
	return transport_pipe.send(link);
}

static int send_late(struct link *link)
{
	if (now())
		nap(STALL_NS);
	return transport_pipe.send(link);
}

static int done_slow(struct link *link)
{
	(void)link;
	return own_side ? 0 : nap(RELEASE_NS);
}

static int send_error(struct link *link)
{
	return now() ? -EIO : transport_pipe.send(link);
}

/* How long the tracer of send_unkillable() holds its process, seconds */
#define HELD_S	8

/*
 * A process that is traced is not gone, for its parent, before its tracer has seen
 * it die: as close as a program can come to one that SIGKILL does not end.
 */
static int send_unkillable(struct link *link)
{
	pid_t me = getpid(), tracer;
	int traced[2];
	char good;

	if (!now())
		return transport_pipe.send(link);
	if (pipe(traced))
		return -errno;
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	tracer = fork();
	if (!tracer) {
		good = !ptrace(PTRACE_SEIZE, me, NULL, NULL);
		if (write(traced[1], &good, 1) == 1 && good)
			sleep(HELD_S);
		_exit(0);
	}
	if (tracer < 0 || read(traced[0], &good, 1) != 1 || !good)
		return -EPERM;
	for (;;)
		pause();
}

/* $FAULT_SLOW */
static unsigned long slow;

static double turns_per_ns;

/* A reading of the clock would be too coarse a step to wait by: it is 1 % of a round trip */
static void turn(unsigned long n)
{
	for (; n; n--)
		__asm__ volatile("" : "+r"(n));
}

/* The best of several, as others may want the CPU */
static void gauge(void)
{
	const unsigned long turns = 20000;
	double best = 0, rate;
	uint64_t begin;
	int i;

	for (i = 0; i < 20; i++) {
		begin = clock_ns();
		turn(turns);
		rate = (double)turns / (double)(clock_ns() - begin);
		best = rate > best ? rate : best;
	}
	turns_per_ns = best;
}

/* Whoever had to wait so long for the CPU need not be slower than that */
#define PACE_MOST_NS	100000

/* Each message takes longer by so many percent of the time since the last one */
static void pace(unsigned long percent)
{
	static uint64_t last;
	uint64_t begin = clock_ns();

	if (last && !own_side && begin - last < PACE_MOST_NS)
		turn((unsigned long)((double)(begin - last) * (double)percent / 100 *
				     turns_per_ns));
	last = clock_ns();
}

static int send_slow(struct link *link)
{
	pace(slow);
	return transport_pipe.send(link);
}

/* What the one before is compared with: the same clock is read */
static int send_even(struct link *link)
{
	pace(0);
	return transport_pipe.send(link);
}

/* As a connection does that nobody accepts */
static int setup_never(struct link *link)
{
	int never[2], err;
	char byte;

	if (pipe(never))
		return -errno;
	if (read(never[0], &byte, 1) < 0)
		snprintf(link->why, sizeof(link->why), "read: %s", strerror(errno));
	err = -errno;
	close(never[0]);
	close(never[1]);
	return err;
}

static ssize_t recv_short(struct link *link, const void **msg)
{
	ssize_t len = transport_pipe.recv(link, msg);

	return len > 0 ? len - 1 : len;
}

/* Sends as late as it may: an answer must not wait for what is done before @done */
static bool held;

static int hold_flush(struct link *link)
{
	int err = held ? transport_pipe.send(link) : 0;

	held = false;
	return err;
}

static int hold_send(struct link *link)
{
	(void)link;
	held = true;
	return 0;
}

static ssize_t hold_recv(struct link *link, const void **msg)
{
	int err = hold_flush(link);

	return err ? err : transport_pipe.recv(link, msg);
}

static int hold_done(struct link *link)
{
	return own_side && held ? -EBUSY : transport_pipe.done(link);
}

/* With $FAULT_NOMEM there is no memory for the stages */
int __real_stages_measure(struct bench *bench);
int __wrap_stages_measure(struct bench *bench);

int __wrap_stages_measure(struct bench *bench)
{
	return getenv("FAULT_NOMEM") ? -ENOMEM : __real_stages_measure(bench);
}

/* What is not given here is the pipe's */
static struct transport faults[] = {
	{ .name = "lose", .send = send_not },
	{ .name = "repeat", .send = send_twice },
	{ .name = "flip", .send = send_flipped },
	{ .name = "swap", .send = send_swapped },
	{ .name = "mix", .send = send_mixed },
	{ .name = "die", .send = send_killed },
	{ .name = "hang", .send = send_never },
	{ .name = "error", .send = send_error },
	{ .name = "short", .recv = recv_short },
	{ .name = "unkillable", .send = send_unkillable },
	{ .name = "late", .send = send_late },
	{ .name = "release", .done = done_slow },
	{ .name = "hold", .send = hold_send, .recv = hold_recv, .done = hold_done,
	  .flush = hold_flush },
	{ .name = "slow", .send = send_slow },
	{ .name = "even", .send = send_even },
	{ .name = "tear", .send = send_torn },
	{ .name = "end", .send = send_ended },
	{ .name = "unset", .setup = setup_never },
	{ .name = "ipcchan-copy" },
	{ .name = "ipcchan-batch", .send = send_error },
	{ .name = "ipcchan-call", .workloads = 1u << WORKLOAD_PINGPONG },
	{ .name = "ipcchan-map" },
	{ .name = "ipcchan-loan", .workloads = 1u << WORKLOAD_PINGPONG, .send = send_error },
};

#define N_FAULTS (sizeof(faults) / sizeof(faults[0]))

const struct transport *const transports[] = {
	&transport_pipe, &faults[0], &faults[1], &faults[2], &faults[3], &faults[4],
	&faults[5], &faults[6], &faults[7], &faults[8], &faults[9], &faults[10],
	&faults[11], &faults[12], &faults[13], &faults[14], &faults[15], &faults[16],
	&faults[17], &faults[18], &faults[19], &faults[20], &faults[21], &faults[22],
	NULL,
};

int main(int argc, char **argv)
{
	const char *at = getenv("FAULT_AT"), *percent = getenv("FAULT_SLOW");
	size_t i;

	argp_err_exit_status = EXIT_USAGE;
	fault_at = at ? strtoul(at, NULL, 10) : 0;
	slow = percent ? strtoul(percent, NULL, 10) : 0;
	for (i = 0; i < N_FAULTS; i++) {
		struct transport fault = transport_pipe;

		fault.name = faults[i].name;
		fault.attach = attach;
		if (faults[i].workloads)
			fault.workloads = faults[i].workloads;
		if (faults[i].setup)
			fault.setup = faults[i].setup;
		if (faults[i].send)
			fault.send = faults[i].send;
		if (faults[i].recv)
			fault.recv = faults[i].recv;
		if (faults[i].done)
			fault.done = faults[i].done;
		if (faults[i].flush)
			fault.flush = faults[i].flush;
		memcpy(&faults[i], &fault, sizeof(fault));
	}
	if (argc < 2)
		return EXIT_USAGE;
	return (strcmp(argv[1], "ladder") ? cmd_bench : cmd_ladder)(argc - 1, argv + 1);
}
