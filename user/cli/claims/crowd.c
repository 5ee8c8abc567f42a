// SPDX-License-Identifier: GPL-2.0
/* Several processes that use one pipe at the same time. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/workload.h"
#include "lab.h"
#include "nls.h"
#include "paths.h"

#define WRITERS		3
#define READER		WRITERS
#define ALL		(WRITERS + 1)

/*
 * Bytes of a line: what is written at once, and what is not, so that a pipe is not full just
 * where a line ends; and lines of each writer.
 */
#define SHORT_LINE	(PIPE_BUF / 8)
#define LONG_LINE	(PIPE_BUF * 3)
#define SHORT_LINES	600
#define LONG_LINES	60

/* Between two looks whether somebody writes still, milliseconds */
#define LOOK_MS		20

/**
 * struct crowd - of all processes
 * @named: the pipe has a name, by which each opens it
 * @line: bytes of each, with its end
 * @lines: of each writer
 * @here: processes that have tried to open it
 * @used: those that could open it, and write all lines there or read
 * @writing: those that have lines to write
 * @came: lines
 * @mixed: those that are not of one writer, or not whole
 * @turns: times that a line was of another writer than the one before
 */
struct crowd {
	_Atomic uint32_t here;
	_Atomic uint32_t used;
	_Atomic uint32_t writing;
	bool named;
	struct own_path path;
	int pipe[2];
	size_t line;
	unsigned int lines;
	unsigned int came;
	unsigned int mixed;
	unsigned int turns;
	char text[WRITERS][LONG_LINE];
	char read[PIPE_BUF];
};

/* Of the line that is being read */
struct reading {
	size_t bytes;
	char first;
	char last_first;
	bool mixed;
};

/* Whether others get through is what is to be seen: who is refused is not counted. */
static void write_lines(struct crowd *c, unsigned int index, int fd)
{
	char *text = c->text[index];
	unsigned int i;

	memset(text, 'A' + (int)index, c->line - 1);
	text[c->line - 1] = '\n';
	for (i = 0; i < c->lines; i++)
		if (write(fd, text, c->line) != (ssize_t)c->line)
			break;
	if (i == c->lines)
		atomic_fetch_add(&c->used, 1);
	atomic_fetch_sub(&c->writing, 1);
}

static void end_line(struct crowd *c, struct reading *r)
{
	c->came++;
	c->mixed += r->mixed || r->bytes != c->line - 1;
	c->turns += r->last_first && r->first != r->last_first;
	*r = (struct reading){ .last_first = r->first };
}

static void take(struct crowd *c, struct reading *r, char byte)
{
	if (byte == '\n') {
		end_line(c, r);
		return;
	}
	if (!r->bytes++)
		r->first = byte;
	r->mixed |= byte != r->first;
}

/* The parent has the pipe open, too: the end of it is when nobody writes, and it is empty */
static void read_lines(struct crowd *c, int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	struct reading r = { 0 };
	bool last = fd < 0;
	ssize_t n, i;

	atomic_fetch_add(&c->used, !last);
	while (!last) {
		last = !atomic_load(&c->writing);
		if (poll(&ready, 1, LOOK_MS) != 1)
			continue;
		n = read(fd, c->read, sizeof(c->read));
		for (i = 0; i < n; i++)
			take(c, &r, c->read[i]);
		last = n <= 0;
	}
}

static int run(void *arg, unsigned int index)
{
	struct crowd *c = arg;
	int fd = c->pipe[index != READER];

	if (c->named)
		fd = open(c->path.file, (index == READER ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
	workload_handshake(&c->here, ALL);
	if (index == READER)
		read_lines(c, fd);
	else
		write_lines(c, index, fd);
	return 0;
}

enum { CROWD_PROCESSES, CROWD_LINES, CROWD_TURNS, CROWD_MIXED, CROWD_LONG_LINES,
	CROWD_LONG_MIXED, CROWD_BUF, CROWD_LINE, CROWD_LONG_LINE, CROWD_NEEDED };

static const char *const crowd_names[] = {
	[CROWD_PROCESSES] = "processes_with_the_pipe_open_at_once",
	[CROWD_LINES] = "short_lines",
	[CROWD_TURNS] = "turns_of_writers",
	[CROWD_MIXED] = "short_lines_mixed",
	[CROWD_LONG_LINES] = "long_lines",
	[CROWD_LONG_MIXED] = "long_lines_mixed",
	[CROWD_BUF] = "pipe_buf_bytes",
	[CROWD_LINE] = "short_line_bytes",
	[CROWD_LONG_LINE] = "long_line_bytes",
	NULL,
};

static int crowd_once(struct lab *lab, struct crowd *c, size_t line, unsigned int lines)
{
	c->line = line;
	c->lines = lines;
	c->came = 0;
	c->mixed = 0;
	c->turns = 0;
	atomic_store(&c->here, 0);
	atomic_store(&c->used, 0);
	atomic_store(&c->writing, WRITERS);
	return lab_run(lab, ALL, run, c);
}

static int crowd_both(struct lab *lab, struct claim_value *v, struct crowd *c)
{
	int err = crowd_once(lab, c, SHORT_LINE, SHORT_LINES);

	value_set(&v[CROWD_PROCESSES], atomic_load(&c->used));
	value_set(&v[CROWD_LINES], c->came);
	value_set(&v[CROWD_TURNS], c->turns);
	value_set(&v[CROWD_MIXED], c->mixed);
	if (!err)
		err = crowd_once(lab, c, LONG_LINE, LONG_LINES);
	value_set(&v[CROWD_LONG_LINES], c->came);
	value_set(&v[CROWD_LONG_MIXED], c->mixed);
	value_set(&v[CROWD_BUF], PIPE_BUF);
	value_set(&v[CROWD_LINE], SHORT_LINE);
	value_set(&v[CROWD_LONG_LINE], LONG_LINE);
	return err;
}

static int crowd_pipe(struct lab *lab, struct claim_value *v)
{
	struct crowd *c = lab_memory(lab, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	if (pipe(c->pipe)) {
		err = lab_fail(lab, -errno, "pipe failed");
	} else {
		err = crowd_both(lab, v, c);
		close(c->pipe[0]);
		close(c->pipe[1]);
	}
	munmap(c, sizeof(*c));
	return err;
}

static int crowd_fifo(struct lab *lab, struct claim_value *v)
{
	struct crowd *c = lab_memory(lab, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->named = true;
	err = own_path_make(&c->path);
	if (!err && mkfifo(c->path.file, 0600))
		err = -errno;
	if (err)
		lab_fail(lab, err, "no FIFO in %s: set TMPDIR", c->path.folder);
	else
		err = crowd_both(lab, v, c);
	own_path_remove(&c->path);
	munmap(c, sizeof(*c));
	return err;
}

/* Who takes turns so often, or is mixed with others, had it at the same time as they. */
static struct claim_judgement crowd_judge(const struct claim_value *v)
{
	bool turns = v[CROWD_TURNS].value >= WRITERS || v[CROWD_LONG_MIXED].value > 0;

	if (v[CROWD_PROCESSES].value < ALL || !turns)
		return judged(CLAIM_HOLDS, NULL);
	if (v[CROWD_MIXED].value > 0)
		return judged(CLAIM_CONDITION, N_("others can, but what they write is mixed even "
						  "up to PIPE_BUF bytes"));
	if (v[CROWD_LONG_MIXED].value > 0)
		return judged(CLAIM_FAILS, N_("several use it at the same time: what is written "
					      "at once stays whole up to PIPE_BUF bytes, more is "
					      "mixed"));
	return judged(CLAIM_FAILS, N_("several use it at the same time, and nothing was mixed"));
}

static void crowd_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("%s processes had it open at once, and from line to line the writer "
		       "changed %s times."), claim_number(t, &v[CROWD_PROCESSES]),
		  claim_number(t, &v[CROWD_TURNS]));
	claim_say(t, _("Of %s lines of %s bytes %s were mixed, of %s lines of %s bytes, which is "
		       "more than PIPE_BUF (%s), %s."), claim_number(t, &v[CROWD_LINES]),
		  claim_number(t, &v[CROWD_LINE]), claim_number(t, &v[CROWD_MIXED]),
		  claim_number(t, &v[CROWD_LONG_LINES]), claim_number(t, &v[CROWD_LONG_LINE]),
		  claim_number(t, &v[CROWD_BUF]), claim_number(t, &v[CROWD_LONG_MIXED]));
}

const struct claim claim_crowd_pipe = {
	.number = 12,
	.concept = N_("Pipe"),
	.statement = N_("While one process uses the pipe, no other can."),
	.done = N_("Three processes write lines into one pipe and a fourth reads them, all at the "
		   "same time: first short lines, then such as are longer than PIPE_BUF."),
	.names = crowd_names,
	.needed = CROWD_NEEDED,
	.measure = crowd_pipe,
	.judge = crowd_judge,
	.tell = crowd_tell,
};

const struct claim claim_crowd_fifo = {
	.number = 15,
	.concept = N_("Named pipe"),
	.statement = N_("While one process uses the named pipe, no other can."),
	.done = N_("Three processes open one named pipe and write lines into it, a fourth opens "
		   "and reads it, all at the same time: first short lines, then such as are "
		   "longer than PIPE_BUF."),
	.names = crowd_names,
	.needed = CROWD_NEEDED,
	.measure = crowd_fifo,
	.judge = crowd_judge,
	.tell = crowd_tell,
};
