// SPDX-License-Identifier: GPL-2.0
/* The command line of the fuzzer, and the process that looks after its workers. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "watch.h"
#include "worker.h"

#define LOOK_MS		200
#define STUCK_SECONDS	60
#define TELL_SECONDS	20

struct options {
	uint64_t seed;
	unsigned long seconds, number, workers;
	const char *out;
};

struct child {
	pid_t pid;
	uint64_t programs;
	time_t moved;
};

static struct child children[WORKERS_MAX];
static unsigned int restarts;

static void usage(FILE *f)
{
	fputs("Usage: fuzz run [-s SEED] [-t SECONDS] [-w WORKERS] [-o FOLDER] [CORPUS]...\n"
	      "       fuzz replay [-n TIMES] FILE...\n"
	      "       fuzz gen [-s SEED] [-n NUMBER] [CORPUS]...\n"
	      "       fuzz distill CORPUS...\n"
	      "       fuzz print FILE...\n"
	      "       fuzz show FILE...\n"
	      "Calls of /dev/ipcchan that were never thought of, guided by KCOV where there is it.\n"
	      "  run      for so long (default 60), in so many processes (default 3); leaves in\n"
	      "           FOLDER what runs at the time, the corpus, and what was covered\n"
	      "  replay   run the programs of these files, one after the other, so many times\n"
	      "  gen      print programs that run would begin with\n"
	      "  print    print those of these files\n"
	      "  distill  print the programs that cover as much as all\n"
	      "  show     print as text what run has left in FOLDER/worker-*.progs\n", f);
}

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static uint64_t sum_calls(void)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < WORKERS_MAX; i++)
		sum += shared->worker[i].calls;
	return sum;
}

static uint64_t sum_programs(void)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < WORKERS_MAX; i++)
		sum += shared->worker[i].programs;
	return sum;
}

static int child_start(const struct job *job)
{
	struct child *c = &children[job->nr];

	fflush(stdout);
	c->pid = fork();
	if (!c->pid)
		_exit(worker_main(job));
	c->moved = now();
	return c->pid < 0 ? -errno : 0;
}

/* What each worker runs, or has run last */
static void programs_print(unsigned int workers)
{
	unsigned int i;

	for (i = 0; i < workers; i++) {
		const struct worker *w = &shared->worker[i];

		printf("# worker %u runs\n", i);
		prog_print(stdout, &w->batch[w->at % BATCH]);
	}
	fflush(stdout);
}

/* Whether a worker has not come on for so long that a call of it must hang */
static bool child_stuck(unsigned int nr)
{
	struct child *c = &children[nr];

	if (c->programs != shared->worker[nr].programs) {
		c->programs = shared->worker[nr].programs;
		c->moved = now();
	}
	if (now() - c->moved < STUCK_SECONDS)
		return false;
	printf("# worker %u has not come on for %d s\n", nr, STUCK_SECONDS);
	watch_stacks(c->pid);
	return true;
}

/* One that was ended by a signal, which a program may well have sent to it, goes on. */
static bool child_fine(const struct job *job)
{
	struct child *c = &children[job->nr];
	int status;

	if (waitpid(c->pid, &status, WNOHANG) != c->pid)
		return !child_stuck(job->nr);
	restarts++;
	if (WIFEXITED(status)) {
		printf("# worker %u has ended with %d\n", job->nr, WEXITSTATUS(status));
		return false;
	}
	printf("# worker %u was ended by signal %d\n", job->nr, WTERMSIG(status));
	return !child_start(job);
}

/* Whether none of them had to tell of something. */
static bool children_end(unsigned int workers)
{
	time_t end = now() + STUCK_SECONDS;
	bool fine = true;
	unsigned int i;
	int status;

	shared->stop = true;
	for (i = 0; i < workers; i++) {
		/* One that has ended before was seen. */
		status = 0;
		while (!waitpid(children[i].pid, &status, WNOHANG)) {
			if (now() >= end)
				kill(children[i].pid, SIGKILL);
			usleep(LOOK_MS * 1000);
		}
		fine &= !WIFEXITED(status) || !WEXITSTATUS(status);
	}
	return fine;
}

static void tell(time_t seconds)
{
	printf("# %ld s: %llu programs, %llu calls (%llu/s), %u edges, %u blocks, corpus %u\n",
	       (long)seconds, (unsigned long long)sum_programs(),
	       (unsigned long long)sum_calls(),
	       (unsigned long long)sum_calls() / (seconds ? seconds : 1), shared->cover.edges,
	       shared->cover.blocks, shared->nr);
	fflush(stdout);
}

static FILE *out_open(const char *folder, const char *name)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	if (!f)
		fprintf(stderr, "fuzz: cannot write %s: %s\n", path, strerror(errno));
	return f;
}

static int results_write(const char *folder)
{
	FILE *f = out_open(folder, "corpus");
	uint32_t i;
	int err = 0;

	if (!f)
		return -EIO;
	for (i = 0; i < shared->nr && i < CORPUS_MAX; i++)
		prog_print(f, &shared->corpus[i]);
	err |= fclose(f);
	f = out_open(folder, "blocks");
	if (!f)
		return -EIO;
	for (i = 0; i < COVER_TEXT; i++)
		if (shared->cover.block[i / 64] >> i % 64 & 1)
			fprintf(f, "%u\n", i);
	err |= fclose(f);
	return err ? -EIO : 0;
}

static int result(unsigned int nr, bool good, const char *text)
{
	printf("%sok %u - %s\n", good ? "" : "not ", nr, text);
	return !good;
}

static int do_run(const struct options *o)
{
	struct job job = { .workers = o->workers, .seed = o->seed, .out = o->out };
	bool quiet = true, fine = true;
	time_t start = now(), told = start;
	int failed;

	printf("TAP version 13\n1..3\n# seed %#llx, %u programs in the corpus\n",
	       (unsigned long long)o->seed, shared->nr);
	job.cover = cover_base() && !access("/sys/kernel/debug/kcov", R_OK | W_OK);
	if (!job.cover)
		puts("# no KCOV here, or no module: there is no coverage to go by");
	watch_init();
	for (job.nr = 0; job.nr < job.workers; job.nr++)
		fine &= !child_start(&job);
	while (quiet && fine && now() - start < (time_t)o->seconds) {
		usleep(LOOK_MS * 1000);
		quiet = !watch_complaint();
		for (job.nr = 0; job.nr < job.workers; job.nr++)
			fine &= child_fine(&job);
		if (now() - told >= TELL_SECONDS) {
			told = now();
			tell(told - start);
		}
	}
	if (!quiet || !fine)
		programs_print(job.workers);
	fine &= children_end(job.workers);
	quiet &= !watch_complaint();
	tell(now() - start);
	printf("# %u times a worker was started anew\n", restarts);
	failed = result(1, quiet, "the kernel has not complained");
	failed |= result(2, fine, "no call hangs, no worker fails");
	return failed | result(3, !o->out || !results_write(o->out), "the results are written");
}

static int do_gen(const struct options *o)
{
	struct random r = { o->seed };
	unsigned long i;
	struct prog p;

	for (i = 0; i < o->number; i++) {
		worker_next(&r, &p);
		prog_print(stdout, &p);
	}
	return 0;
}

static int do_print(const struct options *o)
{
	uint32_t i;

	(void)o;
	for (i = 0; i < shared->nr; i++)
		prog_print(stdout, &shared->corpus[i]);
	return 0;
}

static int do_distill(const struct options *o)
{
	(void)o;
	return worker_distill(stdout) ? 2 : 0;
}

static int do_replay(const struct options *o)
{
	bool quiet;
	int err;

	watch_init();
	err = worker_replay(o->number);
	/* What it complains of may come a little later. */
	usleep(LOOK_MS * 1000);
	quiet = !watch_complaint();
	printf("TAP version 13\n1..1\n# %llu programs, %llu calls\n",
	       (unsigned long long)sum_programs(), (unsigned long long)sum_calls());
	return result(1, !err && quiet, "the kernel has not complained");
}

static int show(const char *path)
{
	static struct worker w;
	FILE *f = fopen(path, "r");
	unsigned int i;

	if (!f || fread(&w, sizeof(w), 1, f) != 1) {
		fprintf(stderr, "fuzz: cannot read %s\n", path);
		return 2;
	}
	fclose(f);
	printf("# %s: after %llu programs, %llu calls\n", path, (unsigned long long)w.programs,
	       (unsigned long long)w.calls);
	for (i = 0; i < BATCH; i++)
		if (prog_valid(&w.batch[i]))
			prog_print(stdout, &w.batch[i]);
	return 0;
}

static unsigned long option_number(const char *text, unsigned long min, unsigned long max)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 0);
	if (errno || *end || end == text || value < min || value > max) {
		fprintf(stderr, "fuzz: a number from %lu to %lu, please, not \"%s\"\n", min, max,
			text);
		exit(1);
	}
	return value;
}

static void options_read(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "s:t:n:w:o:")) >= 0) {
		switch (c) {
		case 's':
			o->seed = option_number(optarg, 0, ~0UL);
			break;
		case 't':
			o->seconds = option_number(optarg, 1, 1000000);
			break;
		case 'n':
			o->number = option_number(optarg, 1, 100000000);
			break;
		case 'w':
			o->workers = option_number(optarg, 1, WORKERS_MAX);
			break;
		case 'o':
			o->out = optarg;
			break;
		default:
			usage(stderr);
			exit(1);
		}
	}
}

static int do_show(char **path)
{
	int status = 0;

	while (*path && !status)
		status = show(*path++);
	return status;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct options *o);
	} verbs[] = {
		{ "run", do_run }, { "replay", do_replay }, { "gen", do_gen },
		{ "print", do_print }, { "distill", do_distill },
	};
	struct options o = { .seconds = 60, .number = 1, .workers = 3 };
	const char *verb = argc > 1 ? argv[1] : "";
	unsigned int i;

	if (!strcmp(verb, "--help") || !strcmp(verb, "-h")) {
		usage(stdout);
		return 0;
	}
	optind = 2;
	options_read(&o, argc, argv);
	if (!strcmp(verb, "show"))
		return do_show(argv + optind);
	for (i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (strcmp(verbs[i].name, verb))
			continue;
		if (shared_init())
			return 2;
		for (; optind < argc; optind++)
			if (shared_load(argv[optind]))
				return 2;
		return verbs[i].run(&o);
	}
	usage(stderr);
	return 1;
}
