// SPDX-License-Identifier: GPL-2.0
/*
 * As nomem_test.c, of the module's own life: it is loaded, and a network namespace comes and
 * gets a registry.  What fails leaves nothing behind, and can be done again.  Most of the
 * steps are the kernel's: those before the module's are left out.  IPCCHAN_KO is its file.
 *
 * The kernel prints a trace where it has no memory for a slab cache.  What is known to mean
 * nothing is kept from its console, where it would fail the run, and read here.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "nomem.h"
#include "util.h"

#define MANY	1000000	/* steps, more than there are */
#define LEAKS	"/sys/kernel/debug/kmemleak"
#define LEVELS	"/proc/sys/kernel/printk"

FIXTURE(nomem) {
	int nth;	/* of nomem_open() */
	int kmsg;	/* the kernel's log, from the beginning of the test on */
	int ko;		/* the module's file */
	char levels[40];	/* of what its console shows, before */
	char net[64];	/* the network namespace before */
};

FIXTURE_SETUP(nomem)
{
	const char *ko = getenv("IPCCHAN_KO");

	self->nth = nomem_open();
	self->kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ASSERT_LE(0, self->kmsg);
	ASSERT_LE(0, lseek(self->kmsg, 0, SEEK_END));
	self->ko = open(ko ? ko : "/vm/ipcchan.ko", O_RDONLY | O_CLOEXEC);
}

static int load(FIXTURE_DATA(nomem) *self, const char *params)
{
	return syscall(SYS_finit_module, self->ko, params, 0) ? -errno : 0;
}

/* Emergencies only, or what it was */
static void console(FIXTURE_DATA(nomem) *self, bool quiet)
{
	int fd = open(LEVELS, O_RDWR | O_CLOEXEC);
	const char *levels = quiet ? "1" : self->levels;

	if (fd < 0)
		return;
	if (quiet && pread(fd, self->levels, sizeof(self->levels) - 1, 0) < 0)
		abort();
	/* Anywhere else it would be without effect. */
	if (*levels && pwrite(fd, levels, strlen(levels), 0) < 0)
		abort();
	close(fd);
}

/* Has the kernel complained, other than of memory that it has not? */
static bool has_complained(FIXTURE_DATA(nomem) *self)
{
	static const char *const words[] = {
		"BUG", "WARNING", "Oops", "KASAN", "UBSAN", "ODEBUG", "Objects remaining",
		"refcount_t", "possible", "inconsistent", "suspicious", "cut here", "held lock",
		"corrupt",
	};
	char record[8192];
	ssize_t len;
	unsigned int i;

	while ((len = read(self->kmsg, record, sizeof(record) - 1)) > 0) {
		record[len] = '\0';
		for (i = 0; i < ARRAY_SIZE(words); i++) {
			if (!strstr(record, words[i]))
				continue;
			printf("# %s", record);
			return true;
		}
	}
	/* Some of it was overwritten before it was read. */
	return errno != EAGAIN;
}

static void leaks(const char *command)
{
	int fd = open(LEAKS, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, command, strlen(command)) < 0)
		fprintf(stderr, "# %s: %s\n", LEAKS, strerror(errno));
	close(fd);
}

/*
 * A slab cache that the kernel could not show in sysfs has lost its name there.  Is anything
 * else lost?  That is forgotten, for who looks later.
 */
static bool has_leaked(void)
{
	static const char begin[] = "unreferenced object";
	static char text[1 << 20];
	const char *next, *one = text;
	size_t len;
	FILE *f;
	int i;

	/* What is older than 5 s, and has not changed since the scan before, is told. */
	for (i = 0; i < 2; i++) {
		sleep_ms(6000);
		leaks("scan");
	}
	f = fopen(LEAKS, "re");
	if (!f)
		return false;
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = '\0';
	for (one = strstr(text, begin); one; one = next) {
		next = strstr(one + 1, begin);
		len = next ? (size_t)(next - one) : strlen(one);
		if (!memmem(one, len, "sysfs_slab_add", strlen("sysfs_slab_add"))) {
			fprintf(stderr, "# %.*s\n", (int)len, one);
			return true;
		}
	}
	leaks("clear");
	return false;
}

/* Others want it loaded. */
FIXTURE_TEARDOWN(nomem)
{
	console(self, false);
	if (self->ko >= 0 && access(IPCCHAN_DEV_PATH, F_OK))
		load(self, "");
	close(self->ko);
	close(self->nth);
}

static int unload(void)
{
	return syscall(SYS_delete_module, "ipcchan", O_NONBLOCK) ? -errno : 0;
}

/* Nothing of it, that a failed load must not leave. */
static bool is_gone(void)
{
	static const char *const paths[] = {
		"/dev/ipcchan", "/sys/module/ipcchan", "/sys/class/misc/ipcchan",
		"/sys/kernel/debug/ipcchan", "/sys/kernel/slab/ipcchan_msg",
		"/sys/kernel/slab/ipcchan_chan",
	};
	struct stat st;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		if (!stat(paths[i], &st)) {
			printf("# %s is there\n", paths[i]);
			return false;
		}
	}
	return true;
}

/* Steps that @call takes; what it does is as ever. */
static int steps_of(FIXTURE_DATA(nomem) *self, int (*call)(FIXTURE_DATA(nomem) *self))
{
	char text[16] = "";
	int ret;

	if (nomem_arm(self->nth, MANY))
		return -1;
	ret = call(self);
	if (pread(self->nth, text, sizeof(text), 0) < 0 || !nomem_disarm(self->nth))
		return -1;
	return ret < 0 && ret != -EINVAL ? ret : MANY - atoi(text);
}

/* Each takes long: where there is less time it is one of so many, another one each time. */
static int each_step(void)
{
	return test_scale(100) < 100 ? 300 / test_scale(100) : 1;
}

static int load_well(FIXTURE_DATA(nomem) *self)
{
	return load(self, "");
}

/* It is refused when all that is before the module's own has been done. */
static int load_badly(FIXTURE_DATA(nomem) *self)
{
	return load(self, "user_ears=none");
}

static int works(void)
{
	int fd = chan_anon(NULL);

	if (fd < 0 || msg_send_u32(fd, 5) || msg_recv_u32(fd) != 5)
		return -1;
	return close(fd);
}

TEST_F_TIMEOUT(nomem, load, 900)
{
	int n, ret, first, last, refused = 0;
	int step = each_step();

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	if (self->ko < 0)
		SKIP(return, "no file of the module to load again: set IPCCHAN_KO");
	ret = unload();
	ASSERT_EQ(0, ret);
	ASSERT_TRUE(is_gone());
	first = steps_of(self, load_badly);
	ASSERT_LT(0, first);
	ASSERT_TRUE(is_gone());
	last = steps_of(self, load_well);
	ASSERT_LT(first, last);
	ASSERT_EQ(0, unload());
	console(self, true);
	for (n = first + 1 + time(NULL) % step; n <= last; n += step) {
		ASSERT_EQ(0, nomem_arm(self->nth, n));
		ret = load(self, "");
		nomem_disarm(self->nth);
		ASSERT_TRUE(ret == 0 || ret == -ENOMEM || ret == -EFAULT) TH_LOG("%d: %d", n, ret);
		refused += ret < 0;
		if (!ret) {
			ASSERT_EQ(0, works()) TH_LOG("in step %d", n);
			ASSERT_EQ(0, unload());
		}
		ASSERT_TRUE(is_gone()) TH_LOG("after %d in step %d", ret, n);
		ASSERT_FALSE(has_complained(self)) TH_LOG("after %d in step %d", ret, n);
	}
	EXPECT_FALSE(access(LEAKS, F_OK) == 0 && has_leaked());
	console(self, false);
	TH_LOG("steps %d to %d, one of %d, %d refused", first, last, step, refused);
	ASSERT_EQ(0, load(self, ""));
	EXPECT_EQ(0, works());
	EXPECT_LE(1, refused);
}

static void name_net(char *name, size_t size)
{
	ssize_t len = readlink("/proc/self/ns/net", name, size - 1);

	name[len < 0 ? 0 : len] = '\0';
}

static int new_net(FIXTURE_DATA(nomem) *self)
{
	(void)self;
	return unshare(CLONE_NEWNET) ? -errno : 0;
}

TEST_F_TIMEOUT(nomem, namespace, 900)
{
	int n, ret, last, refused = 0, step = each_step();
	char now[64];

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	last = steps_of(self, new_net);
	ASSERT_LT(0, last);
	console(self, true);
	for (n = 1 + time(NULL) % step; n <= last; n += step) {
		name_net(self->net, sizeof(self->net));
		ASSERT_EQ(0, nomem_arm(self->nth, n));
		ret = new_net(self);
		nomem_disarm(self->nth);
		/* What others of the kernel say is theirs. */
		refused += ret < 0;
		name_net(now, sizeof(now));
		ASSERT_EQ(!ret, !!strcmp(self->net, now));
		ASSERT_EQ(0, works()) TH_LOG("in step %d", n);
		ASSERT_FALSE(has_complained(self)) TH_LOG("after %d in step %d", ret, n);
	}
	console(self, false);
	TH_LOG("steps 1 to %d, one of %d, %d refused", last, step, refused);
	EXPECT_LE(1, refused);
}

TEST_HARNESS_MAIN
