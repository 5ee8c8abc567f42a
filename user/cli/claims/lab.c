// SPDX-License-Identifier: GPL-2.0
#include "lab.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/aside.h"
#include "bench/judge.h"
#include "bench/run_options.h"
#include "bench/runner.h"
#include "cli.h"
#include "nls.h"

#define TRACEFS		"/sys/kernel/tracing"

/* Of a run, and before it, nanoseconds */
#define RUN_NS		(SECOND / 25)
#define WARMUP_NS	(SECOND / 100)
#define QUICK_RUN_NS	(SECOND / 200)
#define QUICK_WARMUP_NS	(SECOND / 500)

#define QUICK_RUNS	STATS_LEAST_PAIRS

/* What is sure of a median, and of a shift, in percent */
#define MEDIAN_PERCENT	95
#define SHIFT_PERCENT	(100 * (1 - STATS_ALPHA))

/* What lab_run() runs, in each process */
struct roles {
	int (*role)(void *arg, unsigned int index);
	void *arg;
};

/*
 * System calls are counted by what tracefs tells, which is not mounted everywhere: then it is
 * for this process alone.  Where that is not permitted they are not counted.
 */
static void mount_tracefs(void)
{
	if (!access(TRACEFS "/events", F_OK) || unshare(CLONE_NEWNS))
		return;
	if (!mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL))
		mount("tracefs", TRACEFS, "tracefs", 0, NULL);
}

static enum placement_kind find_pair(const struct lab *lab)
{
	static const enum placement_kind pairs[] = { PLACE_CACHE, PLACE_SMT, PLACE_FAR };
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (lab->place[pairs[i]].present)
			return pairs[i];
	return PLACE_SAME;
}

static bool find_module(void)
{
	const struct ipcchan_opts opts = { .flags = IPCCHAN_ATTACH_ANON };
	struct ipcchan *chan;

	if (ipcchan_open(&chan, NULL, &opts))
		return false;
	ipcchan_close(chan);
	return true;
}

int lab_start(struct lab *lab)
{
	clock_measure(&lab->clock);
	lab->cpus = placement_find_all(lab->place);
	if (lab->cpus < 0) {
		cli_error(lab->verb, "cannot find out what CPUs there are: %s; is /sys mounted?",
			  strerror(-lab->cpus));
		return EXIT_SYSTEM;
	}
	lab->pair = find_pair(lab);
	lab->module = find_module();
	mount_tracefs();
	env_begin(&lab->env, &lab->clock, lab->cpus, &lab->place[lab->pair], 1);
	runner_start();
	return EXIT_OK;
}

void lab_end(struct lab *lab)
{
	env_end(&lab->env);
	stages_free(&lab->models);
	cases_free(&lab->models);
	runner_stop();
}

int lab_fail(struct lab *lab, int err, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(lab->why, sizeof(lab->why), gettext(format), ap);
	va_end(ap);
	return err;
}

void *lab_memory(struct lab *lab, size_t size)
{
	void *mem = aside_memory(size);

	if (!mem)
		lab_fail(lab, -ENOMEM, "no memory");
	return mem;
}

/* One that falls as it shall leaves no core */
static void role_main(void *arg, unsigned int index)
{
	const struct rlimit none = { 0 };
	struct roles *r = arg;

	setrlimit(RLIMIT_CORE, &none);
	_exit(-r->role(r->arg, index));
}

int lab_run(struct lab *lab, unsigned int nr, int (*role)(void *, unsigned int), void *arg)
{
	struct roles roles = { .role = role, .arg = arg };
	char why[WHY_SIZE];
	int err = runner_processes(nr, role_main, &roles, LAB_SECONDS * SECOND,
				   &lab->interrupted, why);

	return err ? lab_fail(lab, err, "%s", why) : 0;
}

unsigned int lab_runs(const struct lab *lab)
{
	return lab->quick ? QUICK_RUNS : LAB_RUNS;
}

static void set_transports(struct bench_options *o, const struct lab_plan *plan)
{
	const struct transport *t;
	size_t i;

	for (i = 0; i < LAB_TRANSPORTS && plan->transports[i]; i++) {
		t = transport_find(plan->transports[i]);
		if (t)
			o->transports[o->n_transports++] = t;
	}
}

static void set_options(const struct lab *lab, struct bench_options *o,
			const struct lab_plan *plan)
{
	options_init(o);
	set_transports(o, plan);
	o->workloads[o->n_workloads++] = plan->workload;
	memcpy(o->waits, plan->waits, sizeof(o->waits));
	o->n_waits = plan->n_waits;
	while (o->n_sizes < LAB_SIZES && plan->sizes[o->n_sizes]) {
		o->sizes[o->n_sizes] = plan->sizes[o->n_sizes];
		o->n_sizes++;
	}
	if (plan->crew[0])
		o->senders[o->n_senders++] = plan->crew[0];
	if (plan->crew[1])
		o->receivers[o->n_receivers++] = plan->crew[1];
	if (plan->connect)
		o->connect = plan->connect;
	else
		o->placements[o->n_placements++] = plan->place;
	o->messages = plan->messages;
	o->duration_ns = plan->messages ? 0 : lab->quick ? QUICK_RUN_NS : RUN_NS;
	o->warmup_ns = lab->quick ? QUICK_WARMUP_NS : WARMUP_NS;
	o->runs = plan->runs ? plan->runs : lab_runs(lab);
	o->payload = plan->payload;
	o->quick = lab->quick;
	options_complete(o);
}

int lab_interrupted(struct lab *lab, const struct bench *bench)
{
	lab->interrupted = bench->interrupted;
	return lab->interrupted ? lab_fail(lab, -EINTR, "ended early") : 0;
}

int lab_bench(struct lab *lab, struct bench *bench, const struct lab_plan *plan)
{
	*bench = (struct bench){ .quiet = true };
	set_options(lab, &bench->opts, plan);
	if (bench_run(bench, lab->verb))
		return lab_fail(lab, -ENOMEM, "the benchmark could not be run");
	runner_stop();
	return lab_interrupted(lab, bench);
}

static const struct bench_case *find_case(const struct bench *bench, const char *transport,
					  enum wait_strategy wait, size_t size)
{
	const struct bench_case *c;

	for (c = bench->cases; c < bench->cases + bench->n_cases; c++)
		if (!strcmp(c->transport->name, transport) && c->size == size &&
		    (!bench->opts.n_waits || c->wait == wait))
			return c;
	return NULL;
}

const struct bench_case *lab_case(const struct bench *bench, const char *transport,
				  enum wait_strategy wait, size_t size)
{
	const struct bench_case *c = find_case(bench, transport, wait, size);

	return c && c->runs && c->outcome == OUTCOME_OK ? c : NULL;
}

int lab_missing(struct lab *lab, const struct bench *bench, const char *transport,
		enum wait_strategy wait, size_t size)
{
	const struct bench_case *c = find_case(bench, transport, wait, size);

	if (c && c->outcome != OUTCOME_OK)
		return lab_fail(lab, -ENODATA, "%s: %s", transport, c->status);
	return lab_fail(lab, -ENODATA, "%s was not measured", transport);
}

int lab_right(struct lab *lab, const struct bench *bench, const char *transport,
	      enum wait_strategy wait, size_t size)
{
	const struct bench_case *c = find_case(bench, transport, wait, size);

	if (lab_case(bench, transport, wait, size))
		return 1;
	if (c && case_corrupt(c))
		return 0;
	return lab_missing(lab, bench, transport, wait, size);
}

/* As long as each message took, in the mean of each run */
static void find_means(const struct bench_case *c, double ns[MAX_RUNS])
{
	unsigned int i;

	for (i = 0; i < c->runs; i++)
		ns[i] = 1e9 / c->figure[FIGURE_RATE][i];
}

static bool has_medians(const struct bench_case *c)
{
	unsigned int i;

	for (i = 0; i < c->runs; i++)
		if (c->figure[FIGURE_P50][i] <= 0)
			return false;
	return true;
}

void value_time(struct claim_value *v, const struct bench_case *c)
{
	double means[MAX_RUNS];
	struct spread s;

	if (!c)
		return;
	find_means(c, means);
	if (!spread_find(has_medians(c) ? c->figure[FIGURE_P50] : means, c->runs, &s))
		return;
	value_set(v, s.median);
	if (!s.sure)
		return;
	v->percent = MEDIAN_PERCENT;
	v->low = s.low;
	v->high = s.high;
}

static void set_shift(struct claim_value *v, const struct shift *shift)
{
	value_set(v, shift->ratio);
	if (shift->verdict == VERDICT_FEW)
		return;
	v->percent = SHIFT_PERCENT;
	v->low = shift->low;
	v->high = shift->high;
}

void value_times(struct claim_value *v, const double *a, const double *b, unsigned int n)
{
	struct shift shift;

	if (!shift_rounds(a, n, b, n, STATS_EFFECT, &shift))
		set_shift(v, &shift);
}

void value_ratio(struct claim_value *v, const struct bench_case *base,
		 const struct bench_case *c)
{
	double from[MAX_RUNS], to[MAX_RUNS];
	struct shift shift;

	if (!base || !c)
		return;
	if (case_compare(base, c, &shift)) {
		set_shift(v, &shift);
		return;
	}
	find_means(base, from);
	find_means(c, to);
	if (!shift_rounds(from, base->runs, to, c->runs, STATS_EFFECT, &shift))
		set_shift(v, &shift);
}
