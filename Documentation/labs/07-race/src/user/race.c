// SPDX-License-Identifier: GPL-2.0
/*
 * Lab 7: two processes and a piece of memory.
 *
 *	race WAY first	one reads a record that the other will write in a moment
 *	race WAY torn	one reads a record again and again, which the other overwrites
 *	race WAY lost	both count with one counter
 *
 * WAY is none, sem or chan.  Prints how many of what was read, or counted, is wrong.
 */
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ipcchan.h>

#define WORDS	64	/* of a record */
#define COUNTS	20000	/* of each process, in a round */

/* One whose words are all the same is whole; one of zeroes was never written. */
struct record {
	unsigned long words[WORDS];
};

struct shared {
	volatile struct record record;
	volatile unsigned long counter;
	sem_t lock;
	sem_t written;
};

struct way {
	const char *name;
	/* Looks for an error for so long, in seconds. */
	int seconds;
	/* Write a record of words of this value; get one to read. */
	void (*put)(unsigned long value);
	void (*get)(struct record *rec);
	/* Count one; have all be counted that the processes have counted. */
	void (*add)(void);
	void (*sum)(unsigned long count);
};

static struct shared *shared;
static struct ipcchan *chan;

static void die(const char *what, int err)
{
	fprintf(stderr, "race: %s: %s\n", what, strerror(err));
	exit(2);
}

/* Without synchronisation */
static void none_put(unsigned long value)
{
	int i;

	for (i = 0; i < WORDS; i++)
		shared->record.words[i] = value;
}

static void none_get(struct record *rec)
{
	int i;

	for (i = 0; i < WORDS; i++)
		rec->words[i] = shared->record.words[i];
}

static void none_add(void)
{
	shared->counter++;
}

static void none_sum(unsigned long count)
{
	(void)count;
}

static void todo(const char *what)
{
	fprintf(stderr, "race: %s is not written yet\n", what);
	exit(2);
}

/*
 * With semaphores.
 *
 * TODO 1: shared->lock is 1 at first, shared->written 0.  What is each of them for?  A sem_wait()
 * may be interrupted by a signal.
 */
static void sem_put(unsigned long value)
{
	(void)value;
	todo("sem_put()");
}

static void sem_get(struct record *rec)
{
	(void)rec;
	todo("sem_get()");
}

static void sem_add(void)
{
	todo("sem_add()");
}

/*
 * With a channel: by ipcchan_send() and ipcchan_recv().
 *
 * TODO 2: there is no memory to protect any more.  Who counts, if the two processes only say that
 * there is something to count?
 */
static void chan_put(unsigned long value)
{
	(void)value;
	todo("chan_put()");
}

static void chan_get(struct record *rec)
{
	(void)rec;
	todo("chan_get()");
}

static void chan_add(void)
{
	todo("chan_add()");
}

static void chan_sum(unsigned long count)
{
	(void)count;
	todo("chan_sum()");
}

static const struct way ways[] = {
	{ "none", 10, none_put, none_get, none_add, none_sum },
	{ "sem", 1, sem_put, sem_get, sem_add, none_sum },
	{ "chan", 1, chan_put, chan_get, chan_add, chan_sum },
};

/* A process that does this. */
static pid_t start(void (*work)(const struct way *way), const struct way *way)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork()", errno);
	if (pid == 0) {
		/* It does not go on when the other one has ended. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		work(way);
		exit(0);
	}
	return pid;
}

/* It has to come to its end without an error. */
static void finish(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) < 0)
		die("waitpid()", errno);
	if (status)
		exit(2);
}

static bool too_late(const struct way *way)
{
	static time_t begin;

	if (!begin)
		begin = time(NULL);
	return time(NULL) - begin >= way->seconds;
}

static void put_later(const struct way *way)
{
	usleep(500000);
	way->put(1);
}

static void put_on(const struct way *way)
{
	unsigned long value = 1;

	for (;;)
		way->put(value++);
}

static void count_up(const struct way *way)
{
	int i;

	for (i = 0; i < COUNTS; i++)
		way->add();
}

static void report(unsigned long wrong, unsigned long all)
{
	printf("%lu of %lu are wrong\n", wrong, all);
}

static void race_first(const struct way *way)
{
	pid_t writer = start(put_later, way);
	struct record rec;

	way->get(&rec);
	finish(writer);
	report(rec.words[0] != 1, 1);
}

static void race_torn(const struct way *way)
{
	pid_t writer = start(put_on, way);
	unsigned long wrong = 0, all = 0;
	struct record rec;
	int i;

	while (!wrong && !too_late(way)) {
		way->get(&rec);
		for (i = 1; i < WORDS && rec.words[i] == rec.words[0]; i++)
			;
		wrong += i < WORDS;
		all++;
	}
	kill(writer, SIGKILL);
	report(wrong, all);
}

static void race_lost(const struct way *way)
{
	unsigned long all = 0;
	pid_t one, two;

	while (shared->counter == all && !too_late(way)) {
		one = start(count_up, way);
		two = start(count_up, way);
		way->sum(2 * COUNTS);
		finish(one);
		finish(two);
		all += 2 * COUNTS;
	}
	report(all - shared->counter, all);
}

static const struct race {
	const char *name;
	void (*run)(const struct way *way);
} races[] = {
	{ "first", race_first },
	{ "torn", race_torn },
	{ "lost", race_lost },
};

static const struct way *find_way(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!strcmp(name, ways[i].name))
			return &ways[i];
	}
	return NULL;
}

static const struct race *find_race(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(races) / sizeof(races[0]); i++) {
		if (!strcmp(name, races[i].name))
			return &races[i];
	}
	return NULL;
}

/* What the processes have in common, before there are two. */
static void share(const struct way *way)
{
	struct ipcchan_opts opts = { .flags = IPCCHAN_ATTACH_ANON };
	int err;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		die("mmap()", errno);
	if (sem_init(&shared->lock, 1, 1) || sem_init(&shared->written, 1, 0))
		die("sem_init()", errno);
	if (strcmp(way->name, "chan"))
		return;
	err = ipcchan_open(&chan, NULL, &opts);
	if (err)
		die("ipcchan_open(); is the module loaded?", -err);
}

int main(int argc, char **argv)
{
	const struct way *way = argc == 3 ? find_way(argv[1]) : NULL;
	const struct race *race = argc == 3 ? find_race(argv[2]) : NULL;

	if (!way || !race) {
		fputs("usage: race none|sem|chan first|torn|lost\n", stderr);
		return 1;
	}
	share(way);
	race->run(way);
	return 0;
}
