// SPDX-License-Identifier: GPL-2.0
/* A system of modules that talk. */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lab.h"
#include "nls.h"
#include "stranger.h"

#define LINE		"modules talk"
#define LINE_BYTES	(sizeof(LINE) - 1)

enum module { SOURCE, FILTER, SINK, MODULES };

/**
 * struct system - three modules in a row, joined by two pipes
 * @change: what the one in the middle does with a character
 * @want: what comes out at the end
 * @falls: the one in the middle falls instead
 * @pipe: from each to the next one
 * @right: what came out was right
 * @noticed: modules that were told that it had fallen, and went on
 */
struct system {
	_Atomic uint32_t right;
	_Atomic uint32_t noticed;
	int (*change)(int c);
	const char *want;
	bool falls;
	int pipe[MODULES - 1][2];
};

/* Of the one in the middle there is nothing left to write to. */
static int source(struct system *s)
{
	ssize_t n = write(s->pipe[0][1], LINE, LINE_BYTES);

	while (s->falls && n > 0)
		n = write(s->pipe[0][1], LINE, LINE_BYTES);
	if (s->falls && n < 0 && errno == EPIPE)
		atomic_fetch_add(&s->noticed, 1);
	return 0;
}

static int filter(struct system *s)
{
	char line[LINE_BYTES];
	size_t i;

	if (read(s->pipe[0][0], line, sizeof(line)) != sizeof(line))
		return -EIO;
	if (s->falls)
		kill(getpid(), SIGKILL);
	for (i = 0; i < sizeof(line); i++)
		line[i] = (char)s->change((unsigned char)line[i]);
	return write(s->pipe[1][1], line, sizeof(line)) == sizeof(line) ? 0 : -EIO;
}

static int sink(struct system *s)
{
	char line[LINE_BYTES];
	ssize_t n = read(s->pipe[1][0], line, sizeof(line));

	if (n == sizeof(line) && !memcmp(line, s->want, sizeof(line)))
		atomic_fetch_add(&s->right, 1);
	if (s->falls && !n)
		atomic_fetch_add(&s->noticed, 1);
	return 0;
}

static int (*const parts[MODULES])(struct system *s) = { source, filter, sink };

/* Each keeps its own ends, so that it learns of the end of another */
static int run_module(struct system *s, enum module own)
{
	int i, end;

	for (i = 0; i < MODULES - 1; i++)
		for (end = 0; end < 2; end++)
			if (own != (end ? (enum module)i : (enum module)i + 1))
				close(s->pipe[i][end]);
	return parts[own](s);
}

static int run_system(void *arg, unsigned int index)
{
	struct system *s = arg;
	pid_t pids[MODULES];
	int i, err = 0;

	(void)index;
	for (i = 0; i < MODULES - 1; i++)
		if (pipe(s->pipe[i]))
			return -errno;
	for (i = 0; i < MODULES; i++) {
		pids[i] = kin_start();
		if (pids[i] < 0)
			return -errno;
		if (!pids[i])
			_exit(-run_module(s, (enum module)i));
	}
	for (i = 0; i < MODULES - 1; i++) {
		close(s->pipe[i][0]);
		close(s->pipe[i][1]);
	}
	for (i = 0; i < MODULES; i++)
		if (kin_wait(pids[i]) && !(s->falls && i == FILTER))
			err = -EIO;
	return err;
}

static int same(int c)
{
	return c;
}

enum { MODULES_SYSTEMS, MODULES_RIGHT, MODULES_OTHERS, MODULES_NOTICED, MODULES_NEEDED };

static const char *const module_names[] = {
	[MODULES_SYSTEMS] = "systems",
	[MODULES_RIGHT] = "right_systems",
	[MODULES_OTHERS] = "modules_beside_the_fallen_one",
	[MODULES_NOTICED] = "modules_that_noticed_and_went_on",
	NULL,
};

static int modules_measure(struct lab *lab, struct claim_value *v)
{
	static const struct {
		int (*change)(int c);
		const char *want;
	} filters[] = { { same, LINE }, { toupper, "MODULES TALK" } };
	struct system *s = lab_memory(lab, sizeof(*s));
	size_t i, n = sizeof(filters) / sizeof(filters[0]);
	int err = 0;

	if (!s)
		return -ENOMEM;
	for (i = 0; !err && i < n; i++) {
		s->change = filters[i].change;
		s->want = filters[i].want;
		err = lab_run(lab, 1, run_system, s);
	}
	s->falls = true;
	if (!err)
		err = lab_run(lab, 1, run_system, s);
	value_set(&v[MODULES_SYSTEMS], (double)n);
	value_set(&v[MODULES_RIGHT], atomic_load(&s->right));
	value_set(&v[MODULES_OTHERS], MODULES - 1);
	value_set(&v[MODULES_NOTICED], atomic_load(&s->noticed));
	munmap(s, sizeof(*s));
	return err;
}

static struct claim_judgement modules_judge(const struct claim_value *v)
{
	if (v[MODULES_RIGHT].value < v[MODULES_SYSTEMS].value)
		return judged(CLAIM_FAILS, N_("with another module in the middle the system does "
					      "not work"));
	if (v[MODULES_NOTICED].value < v[MODULES_OTHERS].value)
		return judged(CLAIM_CONDITION, N_("a module can be replaced, but one that falls "
						  "takes others with it"));
	return judged(CLAIM_HOLDS, NULL);
}

static void modules_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("%s of %s systems gave the right result, of which one had another module in "
		       "the middle and the same ones beside it."),
		  claim_number(t, &v[MODULES_RIGHT]), claim_number(t, &v[MODULES_SYSTEMS]));
	claim_say(t, _("When the one in the middle was killed, %s of the %s others were told so "
		       "and went on."), claim_number(t, &v[MODULES_NOTICED]),
		  claim_number(t, &v[MODULES_OTHERS]));
}

const struct claim claim_modules = {
	.number = 4,
	.concept = N_("Modularity"),
	.statement = N_("Systems are built of modules that talk."),
	.done = N_("Three modules, which are processes, are joined by pipes. The one in the "
		   "middle is replaced by another one, and then killed while the others work."),
	.names = module_names,
	.needed = MODULES_NEEDED,
	.measure = modules_measure,
	.judge = modules_judge,
	.tell = modules_tell,
};
