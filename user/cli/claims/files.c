// SPDX-License-Identifier: GPL-2.0
/* One file of several users. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/workload.h"
#include "lab.h"
#include "nls.h"
#include "paths.h"
#include "stranger.h"

#define TIMES		500

/**
 * struct file_share - of both processes
 * @path: of the file
 * @locks: who reads, adds one and writes holds a lock of it meanwhile
 * @here: processes that have tried to open it
 * @open: those that have it open
 * @users: that these belong to
 * @done: how often each has added one
 * @refused: errno of a user that opens it without permission; 0 where there was none
 */
struct file_share {
	_Atomic uint32_t here;
	_Atomic uint32_t open;
	_Atomic uint32_t users;
	_Atomic uint32_t done[SIDES];
	struct own_path path;
	bool locks;
	int refused;
};

/* Of its own: descriptors that are inherited would have one lock */
static int lock_file(int fd, short type)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_SETLKW, &lock) ? -errno : 0;
}

static int add_one(int fd)
{
	uint64_t number;

	if (pread(fd, &number, sizeof(number), 0) != sizeof(number))
		return -EIO;
	sched_yield();
	number++;
	return pwrite(fd, &number, sizeof(number), 0) == sizeof(number) ? 0 : -EIO;
}

/* Who is done before the other one goes on: as long as one is at it, both are. */
static int add_all(struct file_share *f, unsigned int index, int fd)
{
	int err = 0;
	uint32_t i;

	for (i = 0; !err && (i < TIMES || atomic_load(&f->done[!index]) < TIMES); i++) {
		if (f->locks)
			err = lock_file(fd, F_WRLCK);
		if (!err)
			err = add_one(fd);
		if (!err && f->locks)
			err = lock_file(fd, F_UNLCK);
		atomic_store(&f->done[index], i + 1);
	}
	return err;
}

/* A folder that is this user's alone keeps others from all that is in there. */
static bool nobody_reaches(const struct file_share *f)
{
	pid_t pid = kin_start();

	if (!pid)
		_exit(become_nobody() || access(f->path.file, R_OK | W_OK));
	return pid > 0 && !kin_wait(pid);
}

/* The second one is another user, where this one may become it */
static int share(void *arg, unsigned int index)
{
	struct file_share *f = arg;
	int fd, err = 0;

	if (!index || (nobody_reaches(f) && !become_nobody()))
		atomic_fetch_add(&f->users, 1);
	fd = open(f->path.file, O_RDWR | O_CLOEXEC);
	atomic_fetch_add(&f->open, fd >= 0);
	workload_handshake(&f->here, SIDES);
	if (atomic_load(&f->open) == SIDES)
		err = add_all(f, index, fd);
	if (fd >= 0)
		close(fd);
	return err;
}

static int try_forbidden(void *arg, unsigned int index)
{
	struct file_share *f = arg;

	(void)index;
	f->refused = nobody_refused(&f->path);
	return f->refused < 0 ? f->refused : 0;
}

enum { FILE_OPEN, FILE_USERS, FILE_UPDATES, FILE_LOST, FILE_UPDATES_LOCKED, FILE_LOST_LOCKED,
	FILE_REFUSED, FILE_NEEDED };

static const char *const file_names[] = {
	[FILE_OPEN] = "processes_with_the_file_open_at_once",
	[FILE_USERS] = "users",
	[FILE_UPDATES] = "unlocked_updates",
	[FILE_LOST] = "unlocked_lost_updates",
	[FILE_UPDATES_LOCKED] = "locked_updates",
	[FILE_LOST_LOCKED] = "locked_lost_updates",
	[FILE_REFUSED] = "without_permission_errno",
	NULL,
};

static int make_file(struct file_share *f, mode_t mode)
{
	const uint64_t zero = 0;
	int fd = open(f->path.file, O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0600), err = 0;

	if (fd < 0)
		return -errno;
	if (fchmod(fd, mode) || write(fd, &zero, sizeof(zero)) != sizeof(zero))
		err = -EIO;
	close(fd);
	return err;
}

/* Return: 0, with @updates how often one was added, and @lost what is missing in the end */
static int share_once(struct lab *lab, struct file_share *f, bool locks,
		      struct claim_value *updates, struct claim_value *lost)
{
	uint64_t number = 0, added;
	int fd, err = make_file(f, 0666);

	if (err)
		return lab_fail(lab, err, "cannot write %s: set TMPDIR", f->path.file);
	f->locks = locks;
	atomic_store(&f->here, 0);
	atomic_store(&f->open, 0);
	atomic_store(&f->users, 0);
	atomic_store(&f->done[0], 0);
	atomic_store(&f->done[1], 0);
	err = lab_run(lab, SIDES, share, f);
	fd = open(f->path.file, O_RDONLY | O_CLOEXEC);
	if (!err && (fd < 0 || read(fd, &number, sizeof(number)) != sizeof(number)))
		err = lab_fail(lab, -EIO, "cannot read %s", f->path.file);
	if (fd >= 0)
		close(fd);
	if (err)
		return err;
	added = (uint64_t)atomic_load(&f->done[0]) + atomic_load(&f->done[1]);
	value_set(updates, (double)added);
	value_set(lost, (double)added - (double)number);
	return 0;
}

static int file_measure_in(struct lab *lab, struct claim_value *v, struct file_share *f)
{
	int err = share_once(lab, f, false, &v[FILE_UPDATES], &v[FILE_LOST]);

	if (!err)
		err = share_once(lab, f, true, &v[FILE_UPDATES_LOCKED],
				 &v[FILE_LOST_LOCKED]);
	if (err)
		return err;
	value_set(&v[FILE_OPEN], atomic_load(&f->open));
	value_set(&v[FILE_USERS], atomic_load(&f->users));
	if (chmod(f->path.file, 0))
		return lab_fail(lab, -errno, "chmod of %s failed", f->path.file);
	err = lab_run(lab, 1, try_forbidden, f);
	value_set(&v[FILE_REFUSED], f->refused);
	return err;
}

static int file_measure(struct lab *lab, struct claim_value *v)
{
	struct file_share *f = lab_memory(lab, sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	err = own_path_make(&f->path);
	if (err)
		lab_fail(lab, err, "no folder in %s: set TMPDIR", f->path.folder);
	else
		err = file_measure_in(lab, v, f);
	own_path_remove(&f->path);
	munmap(f, sizeof(*f));
	return err;
}

static struct claim_judgement file_judge(const struct claim_value *v)
{
	if (v[FILE_OPEN].value < SIDES)
		return judged(CLAIM_FAILS, N_("they did not have it open at the same time"));
	if (v[FILE_USERS].value < SIDES)
		return judged(CLAIM_UNTRIED, N_("this process may not become another user: be "
						"root, with TMPDIR where others may pass"));
	if (v[FILE_LOST_LOCKED].value > 0)
		return judged(CLAIM_FAILS, N_("even with a lock updates are lost"));
	if (v[FILE_LOST].value > 0)
		return judged(CLAIM_CONDITION, N_("access at the same time is permitted, but not "
						  "ordered: who changes what others change needs "
						  "a lock"));
	return judged(CLAIM_HOLDS, NULL);
}

static void file_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("%s processes of %s users had the file open at once."),
		  claim_number(t, &v[FILE_OPEN]), claim_number(t, &v[FILE_USERS]));
	claim_say(t, _("Of %s additions to a number in it %s were lost without a lock, and of %s "
		       "with one %s."), claim_number(t, &v[FILE_UPDATES]),
		  claim_number(t, &v[FILE_LOST]), claim_number(t, &v[FILE_UPDATES_LOCKED]),
		  claim_number(t, &v[FILE_LOST_LOCKED]));
	claim_say(t, _("Without permission open() gives %s (EACCES is 13)."),
		  claim_errno(t, &v[FILE_REFUSED]));
}

const struct claim claim_file = {
	.number = 2,
	.concept = N_("File sharing"),
	.statement = N_("Several users share one file through an environment that permits "
			"simultaneous access."),
	.done = N_("Two processes, of two users where this one may become another, open a file at "
		   "the same time, and each adds one to a number in it 500 times or more: without a "
		   "lock, and with one. Then a user opens it that has no permission."),
	.names = file_names,
	.needed = FILE_NEEDED,
	.measure = file_measure,
	.judge = file_judge,
	.tell = file_tell,
};
