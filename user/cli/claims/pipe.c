// SPDX-License-Identifier: GPL-2.0
/* The anonymous pipe. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lab.h"
#include "nls.h"
#include "pass.h"
#include "stranger.h"

enum {
	KIN_WRITE_ERRNO, KIN_READ_ERRNO, KIN_CHILD, KIN_SIBLINGS, KIN_GRANDCHILD, KIN_STRANGER,
	KIN_ALONE, KIN_PROC, KIN_NEEDED,
};

static const char *const kin_names[] = {
	[KIN_WRITE_ERRNO] = "write_to_read_end_errno",
	[KIN_READ_ERRNO] = "read_from_write_end_errno",
	[KIN_CHILD] = "messages_from_child_to_parent",
	[KIN_SIBLINGS] = "messages_between_siblings",
	[KIN_GRANDCHILD] = "messages_from_grandchild",
	[KIN_STRANGER] = "messages_from_a_stranger_given_a_descriptor",
	[KIN_ALONE] = "messages_from_a_stranger_given_nothing",
	[KIN_PROC] = "messages_from_a_stranger_over_proc",
	NULL,
};

/**
 * struct kin - what the processes share to tell what they saw
 * @name: where the stranger comes to for its descriptor
 * @pid: of who has the pipe
 * @number: of the descriptor there, as whoever was given nothing would use it
 * @proc_err: what became of that over /proc
 */
struct kin {
	_Atomic uint32_t made;
	struct claim_value v[KIN_NEEDED];
	struct pass_name name;
	struct stranger given;
	struct stranger alone;
	pid_t pid;
	int number;
	int proc_err;
};

/* One message, if it comes: nobody but who shall write has the other end open. */
static bool came(int fd)
{
	char byte = 0;

	return read(fd, &byte, 1) == 1 && byte == 'x';
}

static _Noreturn void write_and_end(int fd)
{
	_exit(write(fd, "x", 1) != 1);
}

static void try_ends(struct kin *k, const int fds[2])
{
	char byte;

	value_set(&k->v[KIN_WRITE_ERRNO], write(fds[0], "x", 1) < 0 ? errno : 0);
	value_set(&k->v[KIN_READ_ERRNO], read(fds[1], &byte, 1) < 0 ? errno : 0);
}

static void try_child(struct kin *k, const int fds[2])
{
	pid_t pid = kin_start();

	if (!pid)
		write_and_end(fds[1]);
	value_set(&k->v[KIN_CHILD], pid > 0 && !kin_wait(pid) && came(fds[0]));
}

static void try_siblings(struct kin *k, const int fds[2])
{
	pid_t writer = kin_start(), reader;

	if (!writer)
		write_and_end(fds[1]);
	reader = kin_start();
	if (!reader)
		_exit(!came(fds[0]));
	value_set(&k->v[KIN_SIBLINGS], writer > 0 && reader > 0 && !kin_wait(writer) &&
		  !kin_wait(reader));
}

static void try_grandchild(struct kin *k, const int fds[2])
{
	pid_t pid = kin_start();

	if (!pid) {
		pid = kin_start();
		if (!pid)
			write_and_end(fds[1]);
		_exit(pid < 0 || kin_wait(pid));
	}
	value_set(&k->v[KIN_GRANDCHILD], pid > 0 && !kin_wait(pid) && came(fds[0]));
}

/* Began before the pipe was made, and so cannot have inherited it */
static int be_given(void *arg)
{
	struct kin *k = arg;
	int socket = pass_dial(&k->name), fd, err;

	if (socket < 0)
		return socket;
	fd = pass_recv(socket);
	if (fd < 0)
		return fd;
	err = write(fd, "x", 1) == 1 ? 0 : -errno;
	close(fd);
	return err;
}

/* As a debugger may, of a process of its own user */
static int write_over_proc(const struct kin *k)
{
	char path[64];
	int fd, err;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)k->pid, k->number);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = write(fd, "x", 1) == 1 ? 0 : -errno;
	close(fd);
	return err;
}

/* Knows the number that the writers use, which is but a number to it */
static int be_alone(void *arg)
{
	struct kin *k = arg;
	int err = word_wait(&k->made, 1);

	if (err)
		return err;
	err = write(k->number, "x", 1) == 1 ? 0 : -errno;
	k->proc_err = write_over_proc(k);
	return err;
}

static int try_strangers(struct kin *k, int listener, const int fds[2])
{
	int socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC), err;

	if (socket < 0)
		return -errno;
	err = pass_send(socket, fds[1]);
	close(socket);
	if (!err)
		err = stranger_wait(&k->given);
	if (err)
		return err;
	value_set(&k->v[KIN_STRANGER], came(fds[0]));
	k->pid = getpid();
	k->number = fds[1];
	atomic_store(&k->made, 1);
	/* what it could not do is what was to be seen */
	err = stranger_wait(&k->alone);
	value_set(&k->v[KIN_ALONE], !err && came(fds[0]));
	value_set(&k->v[KIN_PROC], err != -ETIMEDOUT && !k->proc_err && came(fds[0]));
	return err == -ETIMEDOUT ? err : 0;
}

static int kin_run(void *arg, unsigned int index)
{
	struct kin *k = arg;
	int fds[2], listener = pass_listen(&k->name), err;

	(void)index;
	if (listener < 0)
		return listener;
	err = stranger_start(&k->given, be_given, k);
	if (!err)
		err = stranger_start(&k->alone, be_alone, k);
	if (!err && pipe2(fds, O_CLOEXEC))
		err = -errno;
	if (err)
		return err;
	try_ends(k, fds);
	try_child(k, fds);
	try_siblings(k, fds);
	try_grandchild(k, fds);
	return try_strangers(k, listener, fds);
}

static int kin_measure(struct lab *lab, struct claim_value *v)
{
	struct kin *k = lab_memory(lab, sizeof(*k));
	unsigned int i;
	int err;

	if (!k)
		return -ENOMEM;
	err = lab_run(lab, 1, kin_run, k);
	stranger_end(&k->given);
	stranger_end(&k->alone);
	for (i = 0; i < KIN_NEEDED; i++)
		v[i] = k->v[i];
	munmap(k, sizeof(*k));
	return err;
}

static struct claim_judgement kin_judge(const struct claim_value *v)
{
	bool one_way = v[KIN_WRITE_ERRNO].value == EBADF && v[KIN_READ_ERRNO].value == EBADF;
	bool kin = v[KIN_CHILD].value && v[KIN_SIBLINGS].value;
	bool beyond = v[KIN_GRANDCHILD].value || v[KIN_STRANGER].value || v[KIN_PROC].value;

	if (!one_way)
		return judged(CLAIM_FAILS, N_("an end serves both directions"));
	if (!kin)
		return judged(CLAIM_FAILS, N_("not even parent and child, or two children, reach "
					      "each other"));
	if (v[KIN_ALONE].value)
		return judged(CLAIM_FAILS, N_("a process that was given nothing reaches it as "
					      "well"));
	if (beyond)
		return judged(CLAIM_CONDITION, N_("one-way it is; but who uses it need not have "
						  "the same parent: a descriptor is what is "
						  "needed, in whichever way it is come by"));
	return judged(CLAIM_HOLDS, NULL);
}

static void kin_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("To write to the read end gives %s, to read from the write end %s (EBADF is "
		       "9)."), claim_errno(t, &v[KIN_WRITE_ERRNO]),
		  claim_errno(t, &v[KIN_READ_ERRNO]));
	claim_say(t, _("Of one message each came from a child to its parent %s, between siblings "
		       "%s, from a grandchild %s, from an unrelated process that was passed a "
		       "descriptor %s, from one that was given nothing %s, and from one that "
		       "opened /proc/PID/fd of the other one %s."), claim_number(t, &v[KIN_CHILD]),
		  claim_number(t, &v[KIN_SIBLINGS]), claim_number(t, &v[KIN_GRANDCHILD]),
		  claim_number(t, &v[KIN_STRANGER]), claim_number(t, &v[KIN_ALONE]),
		  claim_number(t, &v[KIN_PROC]));
}

const struct claim claim_kin = {
	.number = 10,
	.concept = N_("Pipe"),
	.statement = N_("An anonymous pipe is one-way, between processes with the same parent "
			"process id (parent and child; made with fork())."),
	.done = N_("Both ends of a pipe are used the wrong way round. Then a child, two siblings, "
		   "a grandchild and two unrelated processes try to send a message through it: "
		   "one of these is passed a descriptor over a socket, the other one nothing, "
		   "until it looks into /proc."),
	.names = kin_names,
	.needed = KIN_NEEDED,
	.measure = kin_measure,
	.judge = kin_judge,
	.tell = kin_tell,
};

enum {
	STRAIGHT_HELD, STRAIGHT_AFTER, STRAIGHT_COPIES, STRAIGHT_COPIES_DIRECT, STRAIGHT_NEEDED,
};

static const char *const straight_names[] = {
	[STRAIGHT_HELD] = "held_without_a_reader_bytes",
	[STRAIGHT_AFTER] = "read_after_the_writer_ended_bytes",
	[STRAIGHT_COPIES] = "pipe_copies",
	[STRAIGHT_COPIES_DIRECT] = "process_vm_readv_copies",
	NULL,
};

static bool fill(int fd)
{
	char bytes[4096] = { 0 };

	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		return false;
	while (write(fd, bytes, sizeof(bytes)) > 0)
		;
	return errno == EAGAIN;
}

/* Whoever has written is gone, and nobody has read yet */
static int straight_run(void *arg, unsigned int index)
{
	struct claim_value *v = arg;
	char bytes[4096];
	size_t after = 0;
	int fds[2], held;
	ssize_t n;
	pid_t pid;

	(void)index;
	if (pipe(fds))
		return -errno;
	pid = kin_start();
	if (!pid)
		_exit(!fill(fds[1]));
	close(fds[1]);
	if (pid < 0 || kin_wait(pid))
		return -EIO;
	if (ioctl(fds[0], FIONREAD, &held))
		return -errno;
	value_set(&v[STRAIGHT_HELD], held);
	while ((n = read(fds[0], bytes, sizeof(bytes))) > 0)
		after += (size_t)n;
	value_set(&v[STRAIGHT_AFTER], (double)after);
	return 0;
}

static int straight_measure(struct lab *lab, struct claim_value *v)
{
	size_t size = STRAIGHT_NEEDED * sizeof(*v);
	struct claim_value *shared = lab_memory(lab, size);
	int err;

	if (!shared)
		return -ENOMEM;
	err = lab_run(lab, 1, straight_run, shared);
	v[STRAIGHT_HELD] = shared[STRAIGHT_HELD];
	v[STRAIGHT_AFTER] = shared[STRAIGHT_AFTER];
	value_set(&v[STRAIGHT_COPIES], transport_find("pipe")->copies - 1);
	value_set(&v[STRAIGHT_COPIES_DIRECT], transport_find("process-vm-readv")->copies - 1);
	munmap(shared, size);
	return err;
}

static struct claim_judgement straight_judge(const struct claim_value *v)
{
	if (v[STRAIGHT_HELD].value > 0 && v[STRAIGHT_AFTER].value > 0)
		return judged(CLAIM_CONDITION, N_("straight it is for both programs, but in "
						  "between the data lies in a buffer of the "
						  "kernel, where it waits even for a reader that "
						  "comes after the writer has gone"));
	if (v[STRAIGHT_COPIES].value > v[STRAIGHT_COPIES_DIRECT].value)
		return judged(CLAIM_CONDITION, N_("the data is copied more often than it would "
						  "have to be"));
	return judged(CLAIM_HOLDS, NULL);
}

static void straight_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("The pipe holds %s bytes while nobody reads; %s bytes were read after their "
		       "writer had ended."), claim_number(t, &v[STRAIGHT_HELD]),
		  claim_number(t, &v[STRAIGHT_AFTER]));
	claim_say(t, _("Each byte is copied %s times on its way, with process_vm_readv(), which "
		       "reads the memory of the other process, %s times."),
		  claim_number(t, &v[STRAIGHT_COPIES]),
		  claim_number(t, &v[STRAIGHT_COPIES_DIRECT]));
}

const struct claim claim_straight = {
	.number = 11,
	.concept = N_("Pipe"),
	.statement = N_("One process hands data straight to another."),
	.done = N_("A process fills a pipe that nobody reads, and ends; then the pipe is read. The "
		   "copies are those that the benchmark states for each mechanism."),
	.names = straight_names,
	.needed = STRAIGHT_NEEDED,
	.measure = straight_measure,
	.judge = straight_judge,
	.tell = straight_tell,
};
