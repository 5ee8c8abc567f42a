// SPDX-License-Identifier: GPL-2.0
/* The size of shared memory. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "nls.h"
#include "segment.h"
#include "stranger.h"

enum { FIXED_SIZE, FIXED_SEEN, FIXED_ERRNO, FIXED_GROWN, FIXED_SHRUNK, FIXED_NEEDED };

static const char *const fixed_names[] = {
	[FIXED_SIZE] = "segment_bytes",
	[FIXED_SEEN] = "seen_by_another_process_bytes",
	[FIXED_ERRNO] = "larger_segment_errno",
	[FIXED_GROWN] = "posix_memory_after_it_was_to_be_doubled_bytes",
	[FIXED_SHRUNK] = "posix_memory_after_it_was_to_be_halved_bytes",
	NULL,
};

static size_t count_written(const char *mem, size_t size)
{
	size_t i, n = 0;

	for (i = 0; i < size; i++)
		n += mem[i] == 's';
	return n;
}

static int see_all(struct segment *s, size_t size)
{
	const char *mem = segment_attach(s->sysv.id, SHM_RDONLY);

	if (!mem)
		return 1;
	value_set(&s->v[FIXED_SEEN], (double)count_written(mem, size));
	return 0;
}

/* Return: the bytes that it has in the end, which are those of before where it was refused */
static off_t resize(int fd, size_t size)
{
	if (ftruncate(fd, (off_t)size) && errno != EINVAL && errno != EPERM)
		return -errno;
	return lseek(fd, 0, SEEK_END);
}

/* While it is mapped, and written where it stays */
static int try_resizing(struct segment *s, size_t size)
{
	char *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, s->posix, 0);
	off_t doubled, halved;

	if (mem == MAP_FAILED)
		return -errno;
	*mem = 's';
	doubled = resize(s->posix, 2 * size);
	halved = resize(s->posix, size / 2);
	munmap(mem, size);
	if (doubled < 0 || halved < 0)
		return (int)(doubled < 0 ? doubled : halved);
	value_set(&s->v[FIXED_GROWN], (double)doubled);
	value_set(&s->v[FIXED_SHRUNK], (double)halved);
	return 0;
}

static int fixed_run(void *arg, unsigned int index)
{
	struct segment *s = arg;
	size_t size = segment_size();
	char *mem = segment_attach(s->sysv.id, 0);
	pid_t pid;

	(void)index;
	if (!mem)
		return -errno;
	memset(mem, 's', size);
	pid = kin_start();
	if (!pid)
		_exit(see_all(s, size));
	if (pid < 0 || kin_wait(pid))
		return -EIO;
	value_set(&s->v[FIXED_SIZE], (double)size);
	value_set(&s->v[FIXED_ERRNO], shmget(s->sysv.key, 2 * size, 0) < 0 ? errno : 0);
	return try_resizing(s, size);
}

static int fixed_measure(struct lab *lab, struct claim_value *v)
{
	return segment_run(lab, v, fixed_run, 1);
}

static struct claim_judgement fixed_judge(const struct claim_value *v)
{
	bool grows = v[FIXED_GROWN].value > v[FIXED_SIZE].value;
	bool shrinks = v[FIXED_SHRUNK].value < v[FIXED_SIZE].value;

	if (v[FIXED_SEEN].value < v[FIXED_SIZE].value)
		return judged(CLAIM_FAILS, N_("another process does not see all of it"));
	if (!v[FIXED_ERRNO].value)
		return judged(CLAIM_FAILS, N_("it is shared, but its size is not fixed"));
	if (grows && shrinks)
		return judged(CLAIM_CONDITION, N_("the size is fixed in System V; POSIX shared "
						  "memory can be made larger and smaller while it "
						  "is mapped"));
	if (grows || shrinks)
		return judged(CLAIM_CONDITION, grows ?
			      N_("the size is fixed in System V; POSIX shared memory can be made "
				 "larger while it is mapped") :
			      N_("the size is fixed in System V; POSIX shared memory can be made "
				 "smaller while it is mapped"));
	return judged(CLAIM_HOLDS, NULL);
}

static void fixed_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("Of %s bytes of a segment another process saw %s."),
		  claim_number(t, &v[FIXED_SIZE]), claim_number(t, &v[FIXED_SEEN]));
	claim_say(t, _("To ask for twice as much of it gives %s (EINVAL is 22)."),
		  claim_errno(t, &v[FIXED_ERRNO]));
	claim_say(t, _("POSIX shared memory of that size had, while it was mapped, %s bytes after "
		       "it was to be doubled, and %s after it was to be half as large as at "
		       "first."),
		  claim_number(t, &v[FIXED_GROWN]), claim_number(t, &v[FIXED_SHRUNK]));
}

const struct claim claim_fixed = {
	.number = 22,
	.concept = N_("Shared memory"),
	.statement = N_("A region of system memory of fixed size is shared among processes."),
	.done = N_("One process writes all of a System V segment and another one reads it. Then "
		   "it is asked for with twice its size, and POSIX shared memory that is mapped is "
		   "doubled, and made half as large as it was at first."),
	.names = fixed_names,
	.needed = FIXED_NEEDED,
	.measure = fixed_measure,
	.judge = fixed_judge,
	.tell = fixed_tell,
};

enum { SAME_SIZE, SAME_EQUAL, SAME_SMALLER, SAME_SMALLER_BYTES, SAME_ERRNO, SAME_BEYOND,
	SAME_NEEDED };

static const char *const same_names[] = {
	[SAME_SIZE] = "segment_bytes",
	[SAME_EQUAL] = "attached_with_the_same_size",
	[SAME_SMALLER] = "attached_with_a_smaller_size",
	[SAME_SMALLER_BYTES] = "smaller_size_seen_bytes",
	[SAME_ERRNO] = "larger_size_errno",
	[SAME_BEYOND] = "beyond_the_end_signal",
	NULL,
};

/* A process that knows the key, and takes the size for @size */
static bool attaches(const struct segment *s, size_t size, size_t *seen)
{
	int id = shmget(s->sysv.key, size, 0);
	const char *mem = id < 0 ? NULL : segment_attach(id, SHM_RDONLY);

	if (!mem)
		return false;
	*seen = count_written(mem, size);
	shmdt(mem);
	return true;
}

static int try_sizes(struct segment *s, size_t size)
{
	size_t seen = 0;

	value_set(&s->v[SAME_EQUAL], attaches(s, size, &seen));
	seen = 0;
	value_set(&s->v[SAME_SMALLER], attaches(s, size / 2, &seen));
	value_set(&s->v[SAME_SMALLER_BYTES], (double)seen);
	value_set(&s->v[SAME_ERRNO], shmget(s->sysv.key, 2 * size, 0) < 0 ? errno : 0);
	return 0;
}

/* Who maps more of POSIX memory than there is falls where it ends. */
static int try_beyond(struct segment *s, size_t size)
{
	char *mem = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_SHARED, s->posix, 0);
	int signal;

	if (mem == MAP_FAILED)
		return -errno;
	signal = fall_signal(segment_write, mem + size);
	value_set(&s->v[SAME_BEYOND], signal);
	return signal < 0 ? signal : 0;
}

static int same_run(void *arg, unsigned int index)
{
	struct segment *s = arg;
	size_t size = segment_size();
	char *mem = segment_attach(s->sysv.id, 0);
	pid_t pid;

	(void)index;
	if (!mem)
		return -errno;
	memset(mem, 's', size);
	value_set(&s->v[SAME_SIZE], (double)size);
	pid = kin_start();
	if (!pid)
		_exit(-try_sizes(s, size));
	if (pid < 0 || kin_wait(pid))
		return -EIO;
	return try_beyond(s, size);
}

static int same_measure(struct lab *lab, struct claim_value *v)
{
	return segment_run(lab, v, same_run, 1);
}

static struct claim_judgement same_judge(const struct claim_value *v)
{
	bool smaller = v[SAME_SMALLER].value && v[SAME_SMALLER_BYTES].value > 0;

	if (!v[SAME_EQUAL].value)
		return judged(CLAIM_FAILS, N_("not even the same size works"));
	if (!v[SAME_ERRNO].value)
		return judged(CLAIM_FAILS, smaller ? N_("any size works") :
					   N_("a larger size works as well"));
	if (smaller)
		return judged(CLAIM_FAILS, N_("a process may take it for smaller than it is and "
					      "use that part; only what is larger is refused"));
	return judged(CLAIM_HOLDS, NULL);
}

static void same_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, v[SAME_SMALLER].value ?
		  _("With half of its %s bytes a process could attach the segment, and saw %s of "
		    "them.") :
		  _("With half of its %s bytes a process could not attach the segment, and saw %s "
		    "of them."),
		  claim_number(t, &v[SAME_SIZE]), claim_number(t, &v[SAME_SMALLER_BYTES]));
	claim_say(t, _("To ask for twice as many gives %s (EINVAL is 22)."),
		  claim_errno(t, &v[SAME_ERRNO]));
	claim_say(t, _("POSIX shared memory may be mapped in twice its size: %s ended who wrote "
		       "beyond its end (SIGBUS is 7)."), claim_signal(t, &v[SAME_BEYOND]));
}

const struct claim claim_same = {
	.number = 24,
	.concept = N_("Shared memory"),
	.statement = N_("Processes can use it only if the memory size is the same on all sides."),
	.done = N_("A second process asks for a segment with its size, with half of it and with "
		   "twice as much. POSIX shared memory is mapped in twice its size, and written "
		   "beyond its end."),
	.names = same_names,
	.needed = SAME_NEEDED,
	.measure = same_measure,
	.judge = same_judge,
	.tell = same_tell,
};
