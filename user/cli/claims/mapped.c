// SPDX-License-Identifier: GPL-2.0
/* The mapped file, which the notes call a memory heap. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lab.h"
#include "nls.h"
#include "paths.h"
#include "stranger.h"

/* Of the file, of which the second is mapped */
#define PAGES		4

enum {
	PART_FILE, PART_MAPPED, PART_CHANGED, PART_OUTSIDE, PART_OTHER, PART_ERRNO, PART_HEAP,
	PART_NEEDED,
};

static const char *const part_names[] = {
	[PART_FILE] = "file_bytes",
	[PART_MAPPED] = "mapped_bytes",
	[PART_CHANGED] = "file_changed_in_the_part_bytes",
	[PART_OUTSIDE] = "file_changed_outside_bytes",
	[PART_OTHER] = "seen_by_another_process_bytes",
	[PART_ERRNO] = "map_from_byte_1_errno",
	[PART_HEAP] = "mapped_within_the_heap",
	NULL,
};

struct part {
	struct claim_value v[PART_NEEDED];
	struct own_path path;
};

static int fill_file(int fd, size_t page)
{
	char bytes[512];
	size_t done;

	memset(bytes, 'f', sizeof(bytes));
	for (done = 0; done < PAGES * page; done += sizeof(bytes))
		if (write(fd, bytes, sizeof(bytes)) != sizeof(bytes))
			return -EIO;
	return 0;
}

static size_t count_byte(const char *bytes, size_t n, char byte)
{
	size_t i, found = 0;

	for (i = 0; i < n; i++)
		found += bytes[i] == byte;
	return found;
}

/* The heap is what malloc() grows: the kernel marks it in the list of mappings. */
static bool in_heap(const void *addr)
{
	uintptr_t at = (uintptr_t)addr, from, to;
	FILE *maps = fopen("/proc/self/maps", "re");
	bool found = false;
	char line[512];

	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "[heap]") &&
		    sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &from, &to) == 2)
			found |= at >= from && at < to;
	if (maps)
		fclose(maps);
	return found;
}

/* As read through the file, and not through the mapping */
static int look_at_file(struct part *p, int fd, size_t page)
{
	size_t i, inside = 0, all = 0;
	char bytes[512];

	for (i = 0; i < PAGES * page; i += sizeof(bytes)) {
		size_t n;

		if (pread(fd, bytes, sizeof(bytes), (off_t)i) != sizeof(bytes))
			return -EIO;
		n = count_byte(bytes, sizeof(bytes), 'm');
		all += n;
		inside += i / page == 1 ? n : 0;
	}
	value_set(&p->v[PART_CHANGED], (double)inside);
	value_set(&p->v[PART_OUTSIDE], (double)(all - inside));
	return 0;
}

/* Maps the same part by itself, looks, says that it has, and looks again once it is written */
static int look_on(struct part *p, size_t page, int looked, int written)
{
	int fd = open(p->path.file, O_RDONLY | O_CLOEXEC);
	char *map = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, (off_t)page), byte;
	size_t before;

	if (map == MAP_FAILED)
		return 1;
	before = count_byte(map, page, 'm');
	if (write(looked, "", 1) != 1 || read(written, &byte, 1) != 1)
		return 1;
	value_set(&p->v[PART_OTHER], (double)count_byte(map, page, 'm') - (double)before);
	return 0;
}

static int write_part(struct part *p, int fd, size_t page, int looked, int written)
{
	char *map = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)page), byte;

	if (map == MAP_FAILED)
		return -errno;
	if (read(looked, &byte, 1) != 1)
		return -EPIPE;
	memset(map, 'm', page);
	value_set(&p->v[PART_HEAP], in_heap(map));
	if (write(written, "", 1) != 1)
		return -errno;
	munmap(map, page);
	map = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 1);
	value_set(&p->v[PART_ERRNO], map == MAP_FAILED ? errno : 0);
	return look_at_file(p, fd, page);
}

/* Who reads from a pipe has not its other end, too: that the other process ended is told. */
static int share_part(struct part *p, int fd, size_t page)
{
	int looked[2], written[2], err;
	pid_t pid;

	if (pipe(looked) || pipe(written))
		return -errno;
	pid = kin_start();
	if (pid < 0)
		return -errno;
	if (!pid) {
		close(looked[0]);
		close(written[1]);
		_exit(look_on(p, page, looked[1], written[0]));
	}
	close(looked[1]);
	err = write_part(p, fd, page, looked[0], written[1]);
	return err ? err : kin_wait(pid) ? -EIO : 0;
}

static int part_run(void *arg, unsigned int index)
{
	struct part *p = arg;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int fd = open(p->path.file, O_CREAT | O_RDWR | O_CLOEXEC, 0600), err;

	(void)index;
	if (fd < 0)
		return -errno;
	value_set(&p->v[PART_FILE], (double)(PAGES * page));
	value_set(&p->v[PART_MAPPED], (double)page);
	err = fill_file(fd, page);
	return err ? err : share_part(p, fd, page);
}

static int part_measure(struct lab *lab, struct claim_value *v)
{
	struct part *p = lab_memory(lab, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	err = own_path_make(&p->path);
	if (err)
		lab_fail(lab, err, "no folder in %s: set TMPDIR", p->path.folder);
	else
		err = lab_run(lab, 1, part_run, p);
	own_path_remove(&p->path);
	memcpy(v, p->v, sizeof(p->v));
	munmap(p, sizeof(*p));
	return err;
}

static struct claim_judgement part_judge(const struct claim_value *v)
{
	double bytes = v[PART_MAPPED].value;

	if (v[PART_CHANGED].value < bytes || v[PART_OTHER].value < bytes)
		return judged(CLAIM_FAILS, N_("what is written there does not come to the file, "
					      "or to other processes"));
	if (v[PART_OUTSIDE].value > 0)
		return judged(CLAIM_CONDITION, N_("more than the part changed"));
	if (v[PART_HEAP].value)
		return judged(CLAIM_HOLDS, NULL);
	if (v[PART_ERRNO].value == EINVAL)
		return judged(CLAIM_CONDITION, N_("the part begins at a page, and it is not in "
						  "the heap of the process: \"memory heap\" is "
						  "but the notes' name for it"));
	return judged(CLAIM_CONDITION, N_("it is not in the heap of the process"));
}

static void part_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("Of a file of %s bytes %s were mapped and written: in the file %s bytes of "
		       "the part changed and %s beside it, and another process saw %s."),
		  claim_number(t, &v[PART_FILE]), claim_number(t, &v[PART_MAPPED]),
		  claim_number(t, &v[PART_CHANGED]), claim_number(t, &v[PART_OUTSIDE]),
		  claim_number(t, &v[PART_OTHER]));
	claim_say(t, _("To map it from byte 1 on gives %s (EINVAL is 22)."),
		  claim_errno(t, &v[PART_ERRNO]));
	claim_say(t, v[PART_HEAP].value ? _("The mapping lies within the heap.") :
					  _("The mapping does not lie within the heap."));
}

const struct claim claim_part = {
	.number = 18,
	.concept = N_("Memory heap (mapped file)"),
	.statement = N_("Part of a file is mapped into the process's memory."),
	.done = N_("The second page of a file of four pages is mapped, and written once another "
		   "process has mapped it and looked; that one looks again, and the file is "
		   "read."),
	.names = part_names,
	.needed = PART_NEEDED,
	.measure = part_measure,
	.judge = part_judge,
	.tell = part_tell,
};

#define MAPPED		"mmap-file+futex"
#define SMALL		64
#define LARGE		65536
#define HUGE		(1u << 20)

enum { BULK_SMALL, BULK_LARGE, BULK_HUGE, BULK_NEEDED, BULK_MAPPED_RATE = BULK_NEEDED,
	BULK_PIPE_RATE };

static const char *const bulk_names[] = {
	[BULK_SMALL] = "mapped_to_pipe_64_bytes_time_ratio",
	[BULK_LARGE] = "mapped_to_pipe_65536_bytes_time_ratio",
	[BULK_HUGE] = "mapped_to_pipe_1048576_bytes_time_ratio",
	[BULK_MAPPED_RATE] = "mapped_1048576_bytes_mb_per_s",
	[BULK_PIPE_RATE] = "pipe_1048576_bytes_mb_per_s",
	NULL,
};

static void value_rate(struct claim_value *v, const struct bench_case *c)
{
	struct spread s;

	if (c && case_spread(c, FIGURE_RATE, &s))
		value_set(v, s.median * (double)c->size / 1e6);
}

static int bulk_measure(struct lab *lab, struct claim_value *v)
{
	const struct lab_plan plan = {
		.transports = { "pipe", MAPPED },
		.workload = WORKLOAD_STREAM,
		.waits = { WAIT_BLOCK },
		.n_waits = 1,
		.sizes = { SMALL, LARGE, HUGE },
		.place = lab->pair,
		.payload = PAYLOAD_TOUCH,
	};
	static const size_t sizes[] = { SMALL, LARGE, HUGE };
	struct bench bench;
	int err = lab_bench(lab, &bench, &plan), i;

	for (i = 0; !err && i < BULK_NEEDED; i++)
		value_ratio(&v[BULK_SMALL + i], lab_case(&bench, "pipe", WAIT_BLOCK, sizes[i]),
			    lab_case(&bench, MAPPED, WAIT_BLOCK, sizes[i]));
	for (i = 0; !err && i < BULK_NEEDED; i++)
		if (!v[BULK_SMALL + i].known)
			err = lab_missing(lab, &bench,
					  lab_case(&bench, MAPPED, WAIT_BLOCK, sizes[i]) ?
					  "pipe" : MAPPED, WAIT_BLOCK, sizes[i]);
	if (!err) {
		value_rate(&v[BULK_MAPPED_RATE], lab_case(&bench, MAPPED, WAIT_BLOCK, HUGE));
		value_rate(&v[BULK_PIPE_RATE], lab_case(&bench, "pipe", WAIT_BLOCK, HUGE));
	}
	cases_free(&bench);
	return err;
}

static struct claim_judgement bulk_judge(const struct claim_value *v)
{
	bool large = value_below(&v[BULK_LARGE], 1), huge = value_below(&v[BULK_HUGE], 1);

	if (large && huge)
		return judged(CLAIM_HOLDS, NULL);
	if (large || huge)
		return judged(CLAIM_CONDITION, N_("it is faster than a pipe at one of the large "
						  "sizes only"));
	return judged(CLAIM_FAILS, N_("a pipe carries large amounts as fast here"));
}

static void bulk_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("One way and blocking, a message through a mapped file takes, of one "
		       "through a pipe, %s at 64 bytes, %s at 64 KiB and %s at 1 MiB."),
		  claim_number(t, &v[BULK_SMALL]), claim_number(t, &v[BULK_LARGE]),
		  claim_number(t, &v[BULK_HUGE]));
	if (v[BULK_MAPPED_RATE].known)
		claim_say(t, _("At 1 MiB that is %s MB/s beside %s MB/s."),
			  claim_number(t, &v[BULK_MAPPED_RATE]),
			  claim_number(t, &v[BULK_PIPE_RATE]));
}

const struct claim claim_bulk = {
	.number = 19,
	.concept = N_("Memory heap (mapped file)"),
	.statement = N_("It is used to share large amounts of data."),
	.done = N_("Messages of 64 bytes, 64 KiB and 1 MiB are sent one way through a mapped file "
		   "with semaphores, and through a pipe; all bytes are written and read, and both "
		   "sides wait by sleeping."),
	.names = bulk_names,
	.needed = BULK_NEEDED,
	.measure = bulk_measure,
	.judge = bulk_judge,
	.tell = bulk_tell,
};
