// SPDX-License-Identifier: GPL-2.0
/* Whether several processes do more than one, and what they need for that. */
#include <errno.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "bench/workload.h"
#include "lab.h"
#include "nls.h"
#include "stranger.h"
#include "work.h"

#define WORKERS		2

/* Of a job, nanoseconds: to compute, and to wait for something */
#define JOBS		4
#define JOB_NS		1000000

/* Of one job cut into pieces: all of it, and how many pieces */
#define WHOLE_NS	4000000
#define FEW		2
#define MANY		20000

/**
 * struct speed - what the processes do, and how long it took
 * @workers: how many of them share the work, 1 or WORKERS
 * @jobs: of all of them; 0 for one job in pieces
 * @wait_ns: of each job, beside computing
 * @pieces: of the one job
 * @steps: of work, of each job or piece
 * @place: of the workers
 * @here: workers that are ready
 * @begin: when all of them were, and the work of each began
 * @end: when each had done its part
 * @sum: of the results that each has, so that the work has to be done
 */
struct speed {
	_Atomic uint32_t here;
	unsigned int workers;
	unsigned int jobs;
	long wait_ns;
	unsigned int pieces;
	uint64_t steps;
	struct placement place;
	int pipe[2];
	uint64_t begin[WORKERS];
	uint64_t end[WORKERS];
	uint64_t sum[WORKERS];
};

static void do_jobs(struct speed *s, unsigned int index)
{
	const struct timespec wait = { .tv_nsec = s->wait_ns };
	uint64_t sum = 0;
	unsigned int i;

	for (i = index; i < s->jobs; i += s->workers) {
		sum += work_do(i, s->steps);
		if (s->wait_ns)
			nanosleep(&wait, NULL);
	}
	s->sum[index] = sum;
}

/* Each result of the second process goes to the first one, by a message */
static int do_pieces(struct speed *s, unsigned int index)
{
	uint64_t sum = 0, result;
	unsigned int i;

	for (i = index; i < s->pieces; i += s->workers) {
		result = work_do(i, s->steps);
		if (index && write(s->pipe[1], &result, sizeof(result)) != sizeof(result))
			return -EIO;
		sum += result;
		if (index || s->workers == 1)
			continue;
		if (read(s->pipe[0], &result, sizeof(result)) != sizeof(result))
			return -EIO;
		sum += result;
	}
	s->sum[index] = sum;
	return 0;
}

static int run(void *arg, unsigned int index)
{
	struct speed *s = arg;
	int err = placement_pin(&s->place, (int)index);

	workload_handshake(&s->here, s->workers);
	if (err)
		return err;
	s->begin[index] = clock_ns();
	if (s->jobs)
		do_jobs(s, index);
	else
		err = do_pieces(s, index);
	s->end[index] = clock_ns();
	return err;
}

/* Return: 0, with @ns the time from when all were there until all was done */
static int speed_run(struct lab *lab, struct speed *s, unsigned int workers, double *ns)
{
	uint64_t begin, end;
	int err;

	s->workers = workers;
	atomic_store(&s->here, 0);
	if (pipe(s->pipe))
		return lab_fail(lab, -errno, "pipe failed");
	err = lab_run(lab, workers, run, s);
	close(s->pipe[0]);
	close(s->pipe[1]);
	/* Who came last to where they meet may work for a while before the other one runs. */
	begin = workers > 1 && s->begin[1] < s->begin[0] ? s->begin[1] : s->begin[0];
	end = workers > 1 && s->end[1] > s->end[0] ? s->end[1] : s->end[0];
	*ns = (double)(end - begin);
	return err;
}

/* Of what several take to what one takes, in as many rounds as lab_runs() says */
static int speed_ratio(struct lab *lab, struct speed *s, struct claim_value *ratio)
{
	unsigned int i, n = lab_runs(lab);
	double one[LAB_RUNS], several[LAB_RUNS];
	int err = 0;

	for (i = 0; !err && i < n; i++) {
		bool first = i % 2;

		err = speed_run(lab, s, first ? WORKERS : 1, first ? &several[i] : &one[i]);
		if (!err)
			err = speed_run(lab, s, first ? 1 : WORKERS,
					first ? &one[i] : &several[i]);
	}
	if (!err)
		value_times(ratio, one, several, n);
	return err;
}

enum { GAIN_WAITING, GAIN_COMPUTING, GAIN_VARIABLE, GAIN_MESSAGE, GAIN_NEEDED };

static const char *const gain_names[] = {
	[GAIN_WAITING] = "waiting_jobs_time_of_two_to_one_ratio",
	[GAIN_COMPUTING] = "computing_jobs_time_of_two_to_one_ratio",
	[GAIN_VARIABLE] = "results_seen_in_a_variable",
	[GAIN_MESSAGE] = "results_seen_by_ipc",
	NULL,
};

/* A child computes a number: does its parent see it in their variable, and by a pipe? */
static int share_result(void *arg, unsigned int index)
{
	struct claim_value *v = arg;
	volatile uint64_t variable = 0;
	uint64_t message = 0;
	int fds[2];
	pid_t pid;

	(void)index;
	if (pipe(fds))
		return -errno;
	pid = kin_start();
	if (pid < 0)
		return -errno;
	if (!pid) {
		variable = 42;
		message = variable;
		_exit(write(fds[1], &message, sizeof(message)) != sizeof(message));
	}
	if (kin_wait(pid) || read(fds[0], &message, sizeof(message)) != sizeof(message))
		return -EIO;
	value_set(&v[GAIN_VARIABLE], variable == 42);
	value_set(&v[GAIN_MESSAGE], message == 42);
	return 0;
}

static int gain_measure_in(struct lab *lab, struct claim_value *v, struct speed *s,
			   struct claim_value *shared)
{
	int err;

	*s = (struct speed){
		.jobs = JOBS, .wait_ns = JOB_NS, .steps = work_calibrate(JOB_NS),
		.place = lab->place[PLACE_SAME],
	};
	err = speed_ratio(lab, s, &v[GAIN_WAITING]);
	s->wait_ns = 0;
	if (!err)
		err = speed_ratio(lab, s, &v[GAIN_COMPUTING]);
	if (!err)
		err = lab_run(lab, 1, share_result, shared);
	v[GAIN_VARIABLE] = shared[GAIN_VARIABLE];
	v[GAIN_MESSAGE] = shared[GAIN_MESSAGE];
	return err;
}

static int gain_measure(struct lab *lab, struct claim_value *v)
{
	size_t size = sizeof(struct speed) + GAIN_NEEDED * sizeof(*v);
	struct speed *s = lab_memory(lab, size);
	int err;

	if (!s)
		return -ENOMEM;
	err = gain_measure_in(lab, v, s, (struct claim_value *)(s + 1));
	munmap(s, size);
	return err;
}

/* What is less than this part of the time is a gain, and no chance */
#define GAIN		0.95

static struct claim_judgement gain_judge(const struct claim_value *v)
{
	bool waiting = value_below(&v[GAIN_WAITING], GAIN);
	bool computing = value_below(&v[GAIN_COMPUTING], GAIN);

	if (v[GAIN_VARIABLE].value || !v[GAIN_MESSAGE].value)
		return judged(CLAIM_FAILS, N_("processes share data here without IPC, or not even "
					      "with it"));
	if (!waiting)
		return judged(CLAIM_FAILS, N_("several processes are not faster here"));
	if (!computing)
		return judged(CLAIM_CONDITION, N_("while one of them waits another one can "
						  "compute; on one processor several that only "
						  "compute gain nothing"));
	return judged(CLAIM_HOLDS, NULL);
}

static void gain_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("For jobs that also wait two processes on one CPU took %s of the time of "
		       "one, for jobs that only compute %s."), claim_number(t, &v[GAIN_WAITING]),
		  claim_number(t, &v[GAIN_COMPUTING]));
	claim_say(t, _("What a child had written into a variable its parent saw %s times of 1, "
		       "what came through a pipe %s times of "
		       "1."), claim_number(t, &v[GAIN_VARIABLE]),
		  claim_number(t, &v[GAIN_MESSAGE]));
}

const struct claim claim_gain = {
	.number = 1,
	.concept = N_("Inter-process communication"),
	.statement = N_("With several processes efficiency rises; IPC is the mechanism that lets "
			"them share the data they need."),
	.done = N_("On one CPU the same jobs are done by one process and by two: such as compute "
		   "and wait, and such as only compute. A child hands its result to its parent in "
		   "a variable, and through a pipe."),
	.names = gain_names,
	.needed = GAIN_NEEDED,
	.measure = gain_measure,
	.judge = gain_judge,
	.tell = gain_tell,
};

enum { SPLIT_CPUS, SPLIT_FEW, SPLIT_MANY, SPLIT_PIECES, SPLIT_NEEDED };

static const char *const split_names[] = {
	[SPLIT_CPUS] = "cpus",
	[SPLIT_FEW] = "2_pieces_time_of_two_to_one_ratio",
	[SPLIT_MANY] = "many_pieces_time_of_two_to_one_ratio",
	[SPLIT_PIECES] = "many_pieces",
	NULL,
};

static int split_measure(struct lab *lab, struct claim_value *v)
{
	struct speed *s = lab_memory(lab, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	*s = (struct speed){
		.pieces = FEW, .steps = work_calibrate(WHOLE_NS / FEW),
		.place = lab->place[lab->pair],
	};
	err = speed_ratio(lab, s, &v[SPLIT_FEW]);
	s->pieces = MANY;
	s->steps = work_calibrate(WHOLE_NS / MANY);
	if (!err)
		err = speed_ratio(lab, s, &v[SPLIT_MANY]);
	value_set(&v[SPLIT_CPUS], lab->cpus);
	value_set(&v[SPLIT_PIECES], MANY);
	munmap(s, sizeof(*s));
	return err;
}

static struct claim_judgement split_judge(const struct claim_value *v)
{
	bool few = value_below(&v[SPLIT_FEW], GAIN), many = value_below(&v[SPLIT_MANY], GAIN);

	if (!few && v[SPLIT_CPUS].value < WORKERS)
		return judged(CLAIM_FAILS, N_("there is one CPU: nothing runs at once"));
	if (!few)
		return judged(CLAIM_FAILS, N_("two processes are not faster here, though there "
					      "are CPUs for both: something else may use them"));
	if (!many)
		return judged(CLAIM_CONDITION, N_("there must be CPUs for all, and a piece must "
						  "take much longer than handing over its "
						  "result"));
	return judged(CLAIM_HOLDS, NULL);
}

static void split_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("CPUs here: %s. Two processes took %s of the time of one for two pieces, "
		       "and %s for %s pieces."), claim_number(t, &v[SPLIT_CPUS]),
		  claim_number(t, &v[SPLIT_FEW]), claim_number(t, &v[SPLIT_MANY]),
		  claim_number(t, &v[SPLIT_PIECES]));
}

const struct claim claim_split = {
	.number = 3,
	.concept = N_("Speed-up"),
	.statement = N_("One job is cut into sub-processes that run at once."),
	.done = N_("A job of 4 ms is done by one process, and by two on two CPUs, of which one "
		   "gets the results of the other through a pipe: cut into two pieces, and into "
		   "very many."),
	.names = split_names,
	.needed = SPLIT_NEEDED,
	.measure = split_measure,
	.judge = split_judge,
	.tell = split_tell,
};
