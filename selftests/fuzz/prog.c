// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "prog.h"

#define LINE_SIZE	1024

static const char *const regions[] = {
	[AT_NULL] = "null", [AT_DATA] = "data", [AT_END] = "end", [AT_MSGS] = "msgs",
	[AT_IOVS] = "iovs", [AT_OFFS] = "offs", [AT_FDS] = "fds", [AT_RO] = "ro",
	[AT_SCRATCH] = "scratch", [AT_KERNEL] = "kernel", [AT_ODD] = "odd",
	[AT_MAP] = "map0", "map1", "map2", "map3", "map4", "map5", "map6", "map7",
};

_Static_assert(sizeof(regions) / sizeof(*regions) == AT_NR, "each region has a name");

unsigned int op_args(const struct op *op)
{
	unsigned int i = 0;

	while (i < OP_ARGS && op->arg[i].kind != ARG_NONE)
		i++;
	return i;
}

int op_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_ops; i++)
		if (!strcmp(ops[i].name, name))
			return i;
	return -1;
}

static int arg_find(const struct op *op, const char *name)
{
	unsigned int i;

	for (i = 0; i < op_args(op); i++)
		if (!strcmp(op->arg[i].name, name))
			return i;
	return -1;
}

void call_set(struct call *c, const char *name, uint64_t value)
{
	int i = arg_find(&ops[c->op], name);

	if (i < 0)
		abort();
	c->arg[i] = value;
}

bool prog_valid(const struct prog *p)
{
	unsigned int i;

	if (!p->nr || p->nr > PROG_CALLS)
		return false;
	for (i = 0; i < p->nr; i++)
		if (p->call[i].op >= nr_ops || p->call[i].thread >= THREADS)
			return false;
	return true;
}

/* What is not said: no address is meant by that, but the beginning of what is meant for it */
static uint64_t value_unsaid(const struct arg *arg)
{
	return arg->kind == ARG_PTR ? PTR(arg->info, 0) : 0;
}

static void call_init(struct call *c, unsigned int op)
{
	unsigned int i;

	memset(c, 0, sizeof(*c));
	c->op = op;
	for (i = 0; i < op_args(&ops[op]); i++)
		c->arg[i] = value_unsaid(&ops[op].arg[i]);
}

struct call *prog_append(struct prog *p, const char *name)
{
	struct call *c = &p->call[p->nr++];

	call_init(c, op_find(name));
	return c;
}

static void value_print(FILE *f, const struct arg *arg, uint64_t value)
{
	if (arg->kind == ARG_PTR)
		fprintf(f, " %s=%s+%" PRIu64, arg->name, regions[PTR_REGION(value)],
			(uint64_t)PTR_OFFSET(value));
	else
		fprintf(f, value < 65536 ? " %s=%" PRIu64 : " %s=%#" PRIx64, arg->name, value);
}

void prog_print(FILE *f, const struct prog *p)
{
	unsigned int i, j;

	for (i = 0; i < p->nr; i++) {
		const struct call *c = &p->call[i];
		const struct op *op = &ops[c->op];

		if (c->thread)
			fprintf(f, "%u: ", c->thread);
		fputs(op->name, f);
		for (j = 0; j < op_args(op); j++)
			if (c->arg[j] != value_unsaid(&op->arg[j]))
				value_print(f, &op->arg[j], c->arg[j]);
		if (c->fail)
			fprintf(f, " !%u", c->fail);
		fputc('\n', f);
	}
	fputc('\n', f);
}

static int number_read(const char *text, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	return errno || end == text || *end ? -EINVAL : 0;
}

static int ptr_read(char *text, uint64_t *value)
{
	char *plus = strchr(text, '+');
	unsigned int i;

	if (!plus || number_read(plus + 1, value) || *value >> PTR_SHIFT)
		return -EINVAL;
	*plus = '\0';
	for (i = 0; i < AT_NR; i++) {
		if (strcmp(regions[i], text))
			continue;
		*value = PTR(i, *value);
		return 0;
	}
	return -EINVAL;
}

static int word_read(struct call *c, char *word)
{
	const struct op *op = &ops[c->op];
	char *equals = strchr(word, '=');
	uint64_t value;
	int i;

	if (*word == '!') {
		if (number_read(word + 1, &value) || value > FAIL_MAX)
			return -EINVAL;
		c->fail = value;
		return 0;
	}
	if (!equals)
		return -EINVAL;
	*equals = '\0';
	i = arg_find(op, word);
	if (i < 0)
		return -EINVAL;
	if (op->arg[i].kind == ARG_PTR)
		return ptr_read(equals + 1, &c->arg[i]);
	return number_read(equals + 1, &c->arg[i]);
}

static int call_read(struct call *c, char *line)
{
	char *save, *word = strtok_r(line, " \t\n", &save);
	unsigned int thread = 0;
	int op;

	if (word[0] && word[1] == ':' && !word[2]) {
		thread = word[0] - '0';
		word = strtok_r(NULL, " \t\n", &save);
	}
	op = word ? op_find(word) : -1;
	if (op < 0 || thread >= THREADS)
		return -EINVAL;
	call_init(c, op);
	c->thread = thread;
	while ((word = strtok_r(NULL, " \t\n", &save)))
		if (word_read(c, word))
			return -EINVAL;
	return 0;
}

int prog_read(FILE *f, struct prog *p)
{
	char line[LINE_SIZE], copy[LINE_SIZE];

	memset(p, 0, sizeof(*p));
	while (fgets(line, sizeof(line), f)) {
		if (line[0] == '#')
			continue;
		if (line[strspn(line, " \t\n")] == '\0') {
			if (p->nr)
				return 1;
			continue;
		}
		memcpy(copy, line, sizeof(copy));
		if (p->nr == PROG_CALLS || call_read(&p->call[p->nr], line)) {
			fprintf(stderr, "fuzz: no call, or one too many: %s", copy);
			return -EINVAL;
		}
		p->nr++;
	}
	return p->nr != 0;
}
