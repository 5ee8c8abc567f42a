// SPDX-License-Identifier: GPL-2.0
/* The pipe that has a name. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab.h"
#include "nls.h"
#include "paths.h"
#include "stranger.h"

/* Messages of each experiment, of one byte */
#define TIMES		100

enum {
	NAME_MET, NAME_WRONG, NAME_FORBIDDEN, NAME_NEEDED,
};

static const char *const name_names[] = {
	[NAME_MET] = "messages_between_strangers",
	[NAME_WRONG] = "wrong_name_errno",
	[NAME_FORBIDDEN] = "without_permission_errno",
	NULL,
};

/**
 * struct named - what the processes share to tell what they saw
 * @path: of the FIFO
 * @second: of another one
 * @got: messages that were right
 * @errno_seen: of open()
 */
struct named {
	struct own_path path;
	struct own_path second;
	struct stranger writer;
	struct stranger reader;
	unsigned int got;
	int errno_seen;
};

static int write_all(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;
	char i;

	if (fd < 0)
		return -errno;
	for (i = 0; !err && i < TIMES; i++)
		if (write(fd, &i, 1) != 1)
			err = -EIO;
	close(fd);
	return err;
}

static unsigned int read_all(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned int n = 0;
	char byte;

	while (fd >= 0 && read(fd, &byte, 1) == 1)
		n += byte == (char)n;
	if (fd >= 0)
		close(fd);
	return n;
}

static int stranger_writes(void *arg)
{
	const struct named *n = arg;

	return write_all(n->path.file);
}

static int stranger_reads(void *arg)
{
	struct named *n = arg;

	n->got = read_all(n->path.file);
	return 0;
}

/* The name is all that they have in common. */
static int strangers_meet(void *arg, unsigned int index)
{
	struct named *n = arg;
	int err = stranger_start(&n->writer, stranger_writes, n);

	(void)index;
	if (!err)
		err = stranger_start(&n->reader, stranger_reads, n);
	if (!err)
		err = stranger_wait(&n->writer);
	return err ? err : stranger_wait(&n->reader);
}

static int open_wrong(void *arg, unsigned int index)
{
	struct named *n = arg;
	int fd = open(n->second.file, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	(void)index;
	n->errno_seen = fd < 0 ? errno : 0;
	return 0;
}

static int open_forbidden(void *arg, unsigned int index)
{
	struct named *n = arg;

	(void)index;
	n->errno_seen = nobody_refused(&n->path);
	return n->errno_seen < 0 ? n->errno_seen : 0;
}

static int make_fifos(struct lab *lab, struct named *n)
{
	int err = own_path_make(&n->path);

	if (!err && mkfifo(n->path.file, 0600))
		err = -errno;
	if (!err)
		err = own_path_make(&n->second);
	return err ? lab_fail(lab, err, "no FIFO in %s: set TMPDIR", n->path.folder) : 0;
}

/* Return: 0; negative errno.  What is made is removed, whatever comes of @run. */
static int with_fifos(struct lab *lab, struct claim_value *v,
		      int (*run)(struct lab *lab, struct claim_value *v, struct named *n))
{
	struct named *n = lab_memory(lab, sizeof(*n));
	int err;

	if (!n)
		return -ENOMEM;
	err = make_fifos(lab, n);
	if (!err)
		err = run(lab, v, n);
	own_path_remove(&n->path);
	own_path_remove(&n->second);
	munmap(n, sizeof(*n));
	return err;
}

static int name_run(struct lab *lab, struct claim_value *v, struct named *n)
{
	int err = lab_run(lab, 1, strangers_meet, n);

	stranger_end(&n->writer);
	stranger_end(&n->reader);
	if (err)
		return err;
	value_set(&v[NAME_MET], n->got);
	err = lab_run(lab, 1, open_wrong, n);
	value_set(&v[NAME_WRONG], n->errno_seen);
	if (!err && chmod(n->path.file, 0))
		err = lab_fail(lab, -errno, "chmod of %s failed", n->path.file);
	if (!err)
		err = lab_run(lab, 1, open_forbidden, n);
	value_set(&v[NAME_FORBIDDEN], n->errno_seen);
	return err;
}

static int name_measure(struct lab *lab, struct claim_value *v)
{
	return with_fifos(lab, v, name_run);
}

static struct claim_judgement name_judge(const struct claim_value *v)
{
	if (v[NAME_MET].value < TIMES)
		return judged(CLAIM_FAILS, N_("unrelated processes do not meet by the name"));
	if (v[NAME_WRONG].value != ENOENT)
		return judged(CLAIM_CONDITION, N_("they meet, but a wrong name leads there, too"));
	if (v[NAME_FORBIDDEN].value == EACCES)
		return judged(CLAIM_CONDITION, N_("to know the name is not enough: its permission "
						  "bits must let them"));
	return judged(CLAIM_HOLDS, NULL);
}

static void name_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("%s of 100 messages came from one process to another that has nothing in "
		       "common with it but the name."), claim_number(t, &v[NAME_MET]));
	claim_say(t, _("By a wrong name open() gives %s (ENOENT is 2), without permission %s "
		       "(EACCES is 13)."), claim_errno(t, &v[NAME_WRONG]),
		  claim_errno(t, &v[NAME_FORBIDDEN]));
}

const struct claim claim_name = {
	.number = 13,
	.concept = N_("Named pipe"),
	.statement = N_("A named pipe has a name; unrelated processes can communicate if they know "
			"it."),
	.done = N_("Two processes that have another parent and another session each, and no "
		   "descriptor in common, open a named pipe by its name and send 100 messages. "
		   "Then it is opened by a wrong name, and without permission."),
	.names = name_names,
	.needed = NAME_NEEDED,
	.measure = name_measure,
	.judge = name_judge,
	.tell = name_tell,
};

enum {
	WAY_BOTH_OPEN, WAY_OWN, WAY_SENT, WAY_TWO, WAY_NEEDED, WAY_READ_ERRNO = WAY_NEEDED,
	WAY_NR,
};

static const char *const way_names[] = {
	[WAY_BOTH_OPEN] = "open_for_both_succeeded",
	[WAY_OWN] = "own_messages_read_back",
	[WAY_SENT] = "messages",
	[WAY_TWO] = "right_messages_over_two_pipes",
	[WAY_READ_ERRNO] = "read_from_write_only_errno",
	NULL,
};

/* What the process of this experiment saw, beside the names */
struct way {
	struct named *named;
	struct claim_value v[WAY_NR];
};

/* Who sends and then reads takes what was meant for the other one. */
static void one_for_both(struct way *w)
{
	int fd = open(w->named->path.file, O_RDWR | O_NONBLOCK | O_CLOEXEC), one_way;
	unsigned int i, own = 0;
	char byte;

	value_set(&w->v[WAY_BOTH_OPEN], fd >= 0);
	for (i = 0; fd >= 0 && i < TIMES; i++)
		own += write(fd, "x", 1) == 1 && read(fd, &byte, 1) == 1;
	value_set(&w->v[WAY_OWN], own);
	one_way = open(w->named->path.file, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (one_way >= 0)
		value_set(&w->v[WAY_READ_ERRNO], read(one_way, &byte, 1) < 0 ? errno : 0);
	if (one_way >= 0)
		close(one_way);
	if (fd >= 0)
		close(fd);
}

/* Return: whether all went well. */
static bool answer_all(const char *in, const char *out)
{
	int from = open(in, O_RDONLY | O_CLOEXEC), to = open(out, O_WRONLY | O_CLOEXEC);
	char byte;

	if (from < 0 || to < 0)
		return false;
	while (read(from, &byte, 1) == 1) {
		byte++;
		if (write(to, &byte, 1) != 1)
			return false;
	}
	return true;
}

/* One for each direction: there is no doubt whose a message is. */
static int two_for_both(struct way *w)
{
	const char *out = w->named->path.file, *in = w->named->second.file;
	pid_t pid = kin_start();
	unsigned int right = 0;
	int to, from;
	char i, byte;

	if (pid < 0)
		return -errno;
	if (!pid)
		_exit(!answer_all(out, in));
	to = open(out, O_WRONLY | O_CLOEXEC);
	from = open(in, O_RDONLY | O_CLOEXEC);
	for (i = 0; to >= 0 && from >= 0 && i < TIMES; i++)
		right += write(to, &i, 1) == 1 && read(from, &byte, 1) == 1 && byte == i + 1;
	if (to >= 0)
		close(to);
	if (from >= 0)
		close(from);
	value_set(&w->v[WAY_TWO], right);
	return kin_wait(pid) ? -EIO : 0;
}

static int way_role(void *arg, unsigned int index)
{
	struct way *w = arg;

	(void)index;
	one_for_both(w);
	return two_for_both(w);
}

static int way_run(struct lab *lab, struct claim_value *v, struct named *n)
{
	struct way *w = lab_memory(lab, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	w->named = n;
	err = mkfifo(n->second.file, 0600) ? lab_fail(lab, -errno, "mkfifo failed") :
					     lab_run(lab, 1, way_role, w);
	value_set(&w->v[WAY_SENT], TIMES);
	memcpy(v, w->v, sizeof(w->v));
	munmap(w, sizeof(*w));
	return err;
}

static int way_measure(struct lab *lab, struct claim_value *v)
{
	return with_fifos(lab, v, way_run);
}

static struct claim_judgement way_judge(const struct claim_value *v)
{
	if (v[WAY_TWO].value < v[WAY_SENT].value)
		return judged(CLAIM_FAILS, N_("not even two of them carry messages both ways"));
	if (!v[WAY_BOTH_OPEN].value)
		return judged(CLAIM_FAILS, N_("one-way it is: it cannot be opened for both "
					      "directions"));
	if (v[WAY_OWN].value > 0)
		return judged(CLAIM_CONDITION, N_("Linux opens it for both directions, but there "
						  "is one queue in it: who writes and then reads "
						  "gets its own message; used well it is one-way, "
						  "and two serve both directions"));
	return judged(CLAIM_HOLDS, NULL);
}

static void way_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, v[WAY_BOTH_OPEN].value ?
		  _("It can be opened for reading and writing at once (O_RDWR).") :
		  _("It cannot be opened for reading and writing at once (O_RDWR)."));
	claim_say(t, _("Of %s messages that a process sent through it and then waited for an "
		       "answer, it got %s back itself."), claim_number(t, &v[WAY_SENT]),
		  claim_number(t, &v[WAY_OWN]));
	if (v[WAY_READ_ERRNO].known)
		claim_say(t, _("Opened for writing only, it gives %s when it is read (EBADF is "
			       "9)."), claim_errno(t, &v[WAY_READ_ERRNO]));
	claim_say(t, _("Over two named pipes %s of %s answers were right."),
		  claim_number(t, &v[WAY_TWO]), claim_number(t, &v[WAY_SENT]));
}

const struct claim claim_way = {
	.number = 14,
	.concept = N_("Named pipe"),
	.statement = N_("A named pipe is said to allow both directions, and, a few lines on, to be "
			"one-way: which is it?"),
	.done = N_("A process opens one named pipe for both directions, sends messages and reads, "
		   "as if for the answers. Then two processes exchange messages and answers over "
		   "two named pipes."),
	.names = way_names,
	.needed = WAY_NEEDED,
	.measure = way_measure,
	.judge = way_judge,
	.tell = way_tell,
};
