// SPDX-License-Identifier: GPL-2.0
/* Shared memory: its size, and who may do what with it. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "bench/transports/fd.h"
#include "bench/transports/unique.h"
#include "lab.h"
#include "nls.h"
#include "stranger.h"
#include "sysv.h"

/* Of the segment */
#define PAGES		4

/* Each of both waits for the other one's time slice to end where they share a CPU. */
#define ROUNDS		100

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static void *attach(int id, int flags)
{
	void *addr = shmat(id, NULL, flags);

	return addr == (void *)-1 ? NULL : addr;
}

/*
 * New memory of shm_open(3), which has no name any more: made by who is not ended early, so that
 * the name does not stay.  Return: a descriptor; -1.
 */
static int posix_memory(size_t size)
{
	char name[UNIQUE_NAME_SIZE];
	int fd;

	if (unique_name(name))
		return -1;
	fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	if (fd < 0)
		return -1;
	shm_unlink(name);
	if (!ftruncate(fd, (off_t)size))
		return fd;
	close(fd);
	return -1;
}

/**
 * struct segment - what the processes share to tell what they saw
 * @sysv: the shared memory of the experiment
 * @posix: descriptor of another one, of the same size
 */
struct segment {
	struct claim_value v[CLAIM_VALUES];
	struct sysv sysv;
	int posix;
};

/* Makes a segment, and runs the @nr processes of an experiment with it. */
static int with_segment(struct lab *lab, struct claim_value *v,
			int (*role)(void *arg, unsigned int index), unsigned int nr)
{
	struct segment *s = lab_memory(lab, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->posix = posix_memory(PAGES * page_size());
	err = segment_make(&s->sysv, PAGES * page_size());
	if (err)
		lab_fail(lab, err, "shmget: %s: raise kernel.shmmax, shmall", strerror(-err));
	else if (s->posix < 0)
		err = lab_fail(lab, -EIO, "shm_open failed: is there a tmpfs on /dev/shm?");
	else
		err = lab_run(lab, nr, role, s);
	sysv_remove(&s->sysv);
	fd_close(&s->posix);
	memcpy(v, s->v, sizeof(s->v));
	munmap(s, sizeof(*s));
	return err;
}

enum { FIXED_SIZE, FIXED_SEEN, FIXED_ERRNO, FIXED_GROWN, FIXED_NEEDED };

static const char *const fixed_names[] = {
	[FIXED_SIZE] = "segment_bytes",
	[FIXED_SEEN] = "seen_by_another_process_bytes",
	[FIXED_ERRNO] = "larger_segment_errno",
	[FIXED_GROWN] = "posix_memory_after_it_was_to_be_doubled_bytes",
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
	const char *mem = attach(s->sysv.id, SHM_RDONLY);

	if (!mem)
		return 1;
	value_set(&s->v[FIXED_SEEN], (double)count_written(mem, size));
	return 0;
}

static int fixed_run(void *arg, unsigned int index)
{
	struct segment *s = arg;
	size_t size = PAGES * page_size();
	char *mem = attach(s->sysv.id, 0);
	off_t grown = 0;
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
	if (!ftruncate(s->posix, 2 * (off_t)size))
		grown = lseek(s->posix, 0, SEEK_END);
	value_set(&s->v[FIXED_GROWN], (double)grown);
	return 0;
}

static int fixed_measure(struct lab *lab, struct claim_value *v)
{
	return with_segment(lab, v, fixed_run, 1);
}

static struct claim_judgement fixed_judge(const struct claim_value *v)
{
	if (v[FIXED_SEEN].value < v[FIXED_SIZE].value)
		return judged(CLAIM_FAILS, N_("another process does not see all of it"));
	if (!v[FIXED_ERRNO].value)
		return judged(CLAIM_FAILS, N_("it is shared, but its size is not fixed"));
	if (v[FIXED_GROWN].value > v[FIXED_SIZE].value)
		return judged(CLAIM_CONDITION, N_("the size is fixed in System V; POSIX shared "
						  "memory can be made larger or smaller while it "
						  "is in use"));
	return judged(CLAIM_HOLDS, NULL);
}

static void fixed_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("Of %s bytes of a segment another process saw %s."),
		  claim_number(t, &v[FIXED_SIZE]), claim_number(t, &v[FIXED_SEEN]));
	claim_say(t, _("To ask for twice as much of it fails with errno %s (EINVAL is 22)."),
		  claim_number(t, &v[FIXED_ERRNO]));
	claim_say(t, _("POSIX shared memory of that size had %s bytes after it had been doubled."),
		  claim_number(t, &v[FIXED_GROWN]));
}

const struct claim claim_fixed = {
	.number = 22,
	.concept = N_("Shared memory"),
	.statement = N_("A region of system memory of fixed size is shared among processes."),
	.done = N_("One process writes all of a System V segment and another one reads it. Then "
		   "it is asked for with twice its size, and POSIX shared memory is doubled."),
	.names = fixed_names,
	.needed = FIXED_NEEDED,
	.measure = fixed_measure,
	.judge = fixed_judge,
	.tell = fixed_tell,
};

enum { BOTH_ROUNDS, BOTH_RIGHT, BOTH_READ_ONLY, BOTH_NEEDED };

static const char *const both_names[] = {
	[BOTH_ROUNDS] = "rounds",
	[BOTH_RIGHT] = "right_rounds",
	[BOTH_READ_ONLY] = "write_to_read_only_signal",
	NULL,
};

/* Each reads what the other one has written in the word, and writes the next number there. */
static int take_turns(struct segment *s, unsigned int side)
{
	_Atomic uint32_t *word = attach(s->sysv.id, 0);
	uint32_t i;

	if (!word)
		return -errno;
	for (i = side; i < 2 * ROUNDS; i += 2) {
		while (atomic_load(word) != i)
			sched_yield();
		atomic_store(word, i + 1);
	}
	if (side)
		value_set(&s->v[BOTH_RIGHT], atomic_load(word) / 2);
	return 0;
}

static void write_there(void *mem)
{
	*(volatile char *)mem = 'x';
}

static int both_run(void *arg, unsigned int side)
{
	struct segment *s = arg;
	int err = take_turns(s, side), signal;
	void *mem;

	if (err || side)
		return err;
	mem = attach(s->sysv.id, SHM_RDONLY);
	if (!mem)
		return -errno;
	signal = fall_signal(write_there, mem);
	value_set(&s->v[BOTH_READ_ONLY], signal);
	return signal < 0 ? signal : 0;
}

static int both_measure(struct lab *lab, struct claim_value *v)
{
	int err = with_segment(lab, v, both_run, SIDES);

	value_set(&v[BOTH_ROUNDS], ROUNDS);
	return err;
}

static struct claim_judgement both_judge(const struct claim_value *v)
{
	if (v[BOTH_RIGHT].value < v[BOTH_ROUNDS].value)
		return judged(CLAIM_FAILS, N_("both cannot read and write it"));
	if (v[BOTH_READ_ONLY].value != SIGSEGV)
		return judged(CLAIM_CONDITION, N_("both can read and write it, even who attached "
						  "it for reading only"));
	return judged(CLAIM_HOLDS, NULL);
}

static void both_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("In %s of %s rounds each process read what the other one had written, and "
		       "answered in the same place."), claim_number(t, &v[BOTH_RIGHT]),
		  claim_number(t, &v[BOTH_ROUNDS]));
	claim_say(t, _("Who needs to read only can attach it so: to write is ended by signal %s "
		       "then (SIGSEGV is 11)."), claim_number(t, &v[BOTH_READ_ONLY]));
}

const struct claim claim_both = {
	.number = 23,
	.concept = N_("Shared memory"),
	.statement = N_("It is used when processes need both to read and to write."),
	.done = N_("Two processes take turns in reading and writing one word of a shared segment. "
		   "Then one attaches it for reading only, and writes."),
	.names = both_names,
	.needed = BOTH_NEEDED,
	.measure = both_measure,
	.judge = both_judge,
	.tell = both_tell,
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
	const char *mem = id < 0 ? NULL : attach(id, SHM_RDONLY);

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
	signal = fall_signal(write_there, mem + size);
	value_set(&s->v[SAME_BEYOND], signal);
	return signal < 0 ? signal : 0;
}

static int same_run(void *arg, unsigned int index)
{
	struct segment *s = arg;
	size_t size = PAGES * page_size();
	char *mem = attach(s->sysv.id, 0);
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
	return with_segment(lab, v, same_run, 1);
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
	claim_say(t, _("With twice as many it is refused: errno %s (EINVAL is 22)."),
		  claim_number(t, &v[SAME_ERRNO]));
	claim_say(t, _("POSIX shared memory may be mapped in twice its size, and who writes beyond "
		       "its end is ended by signal %s (SIGBUS is 7)."),
		  claim_number(t, &v[SAME_BEYOND]));
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
