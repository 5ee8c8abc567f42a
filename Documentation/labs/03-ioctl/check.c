// SPDX-License-Identifier: GPL-2.0
/* The points of lab 3 that take a device. */
#include <stdint.h>
#include <sys/ioctl.h>

#include "points.h"

#include "check.h"
#include "check-layout.h"

#define TABLE	"/dev/lab3"
/* Where a check32 has it. */
#define TABLE_FD	3

static int table_open(void)
{
	int fd = open(TABLE, O_RDWR);

	need(fd >= 0, "open(" TABLE "): %m");
	return fd;
}

static void set_name(struct lab3_slot *slot, const char *name, size_t len)
{
	slot->name = (__typeof__(slot->name))(uintptr_t)name;
	slot->name_len = len;
}

/* Return: 0 or the errno. */
static int put(int fd, unsigned int index, long long value, const char *name)
{
	struct lab3_slot slot = { .index = index, .value = value };

	set_name(&slot, name, strlen(name));
	return ioctl(fd, LAB3_PUT, &slot) ? errno : 0;
}

static void put_well(int fd, unsigned int index, long long value, const char *name)
{
	int err = put(fd, index, value, name);

	need(!err, "LAB3_PUT: %s", strerror(err));
}

/* What the slot holds is this. */
static void get_well(int fd, unsigned int index, long long value, const char *want)
{
	char name[LAB3_NAME_MAX + 1] = "";
	struct lab3_slot slot = { .index = index };

	set_name(&slot, name, LAB3_NAME_MAX);
	need(!ioctl(fd, LAB3_GET, &slot), "LAB3_GET: %m");
	need(slot.value == value, "the value is %lld, not %lld", (long long)slot.value, value);
	need(slot.name_len == strlen(want) && !strcmp(name, want), "the name is \"%s\", not \"%s\"",
	     name, want);
}

static void wants(int got, int want, const char *what)
{
	need(got == want, "%s: \"%s\", not \"%s\"", what, strerror(got), strerror(want));
}

/* Run a check32; its exit status. */
static int run32(const char *step, const char *index, int out)
{
	int status;
	pid_t pid = point_fork();

	if (pid == 0) {
		int fd = table_open();

		if (out >= 0)
			dup2(out, 1);
		if (fd != TABLE_FD)
			dup2(fd, TABLE_FD);
		execl("./check32", "check32", step, index, NULL);
		_exit(254);
	}
	need(ends_within(pid, 20000, &status) && WIFEXITED(status), "check32 has not ended well");
	need(WEXITSTATUS(status) != 254, "this kernel runs no 32-bit programs");
	need(WEXITSTATUS(status) != 255, "a 32-bit program has got something else");
	return WEXITSTATUS(status);
}

static void there_and_back(void)
{
	int fd = table_open();

	put_well(fd, 1, 42, "answer");
	put_well(fd, 2, CHECK_VALUE, "");
	get_well(fd, 1, 42, "answer");
	get_well(fd, 2, CHECK_VALUE, "");
}

static void bad_index(void)
{
	wants(put(table_open(), LAB3_SLOTS, 1, "x"), EINVAL, "slot 16");
}

static void no_value(void)
{
	struct lab3_slot slot = { .index = LAB3_SLOTS - 1 };
	int fd = table_open();

	wants(ioctl(fd, LAB3_GET, &slot) ? errno : 0, ENOENT, "a slot that has no value");
}

static void bad_pointer(void)
{
	int fd = table_open();

	wants(ioctl(fd, LAB3_GET, NULL) ? errno : 0, EFAULT, "a structure that is nowhere");
}

static void no_padding(void)
{
	struct lab3_slot s;
	size_t named = sizeof(s.index) + sizeof(s.flags) + sizeof(s.name) + sizeof(s.name_len) +
		       sizeof(s.value) + sizeof(s.reserved);

	need(named == sizeof(s), "of its %zu bytes only %zu have a name", sizeof(s), named);
}

static void same_layout(void)
{
	static const char *const fields[LAYOUT_WORDS] = {
		"the whole", "index", "flags", "name", "name_len", "value", "reserved",
	};
	static const unsigned int here[LAYOUT_WORDS] = LAYOUT_INIT;
	unsigned int there[LAYOUT_WORDS];
	int fds[2], i, status;

	need(!pipe(fds), "pipe(): %m");
	status = run32("layout", "0", fds[1]);
	need(status == 0 && read(fds[0], there, sizeof(there)) == sizeof(there),
	     "check32 tells no layout");
	for (i = 0; i < LAYOUT_WORDS; i++)
		need(here[i] == there[i], "%s: %s %u with 64 bits, %u with 32", fields[i],
		     i ? "at" : "length", here[i], there[i]);
}

static void directions(void)
{
	need(_IOC_DIR(LAB3_PUT) == _IOC_WRITE, "LAB3_PUT only reads from the caller");
	need(_IOC_DIR(LAB3_GET) == (_IOC_READ | _IOC_WRITE), "LAB3_GET reads from the caller, too");
}

static void put32(void)
{
	int fd = table_open();

	wants(run32("put", "3", -1), 0, "LAB3_PUT of a 32-bit program");
	get_well(fd, 3, CHECK_VALUE, CHECK_NAME);
}

static void get32(void)
{
	put_well(table_open(), 4, CHECK_VALUE, CHECK_NAME);
	wants(run32("get", "4", -1), 0, "LAB3_GET of a 32-bit program");
}

static void flags(void)
{
	char name[LAB3_NAME_MAX];
	struct lab3_slot slot = { .index = 1, .flags = 1u << 31 };
	int fd = table_open();

	set_name(&slot, name, 0);
	wants(ioctl(fd, LAB3_PUT, &slot) ? errno : 0, EINVAL, "LAB3_PUT with an unknown flag");
	put_well(fd, 1, 42, "answer");
	slot.flags = LAB3_F_NEW;
	set_name(&slot, name, sizeof(name));
	wants(ioctl(fd, LAB3_GET, &slot) ? errno : 0, EINVAL, "LAB3_GET with a flag of LAB3_PUT");
}

static void reserved(void)
{
	struct lab3_slot slot = { .index = 1, .reserved = 1 };
	int fd = table_open();

	wants(ioctl(fd, LAB3_PUT, &slot) ? errno : 0, EINVAL, "LAB3_PUT with reserved = 1");
}

static void only_new(void)
{
	struct lab3_slot slot = { .index = 5, .flags = LAB3_F_NEW, .value = 1 };
	int fd = table_open();

	set_name(&slot, "first", 5);
	need(!ioctl(fd, LAB3_PUT, &slot), "LAB3_F_NEW where there is no value: %m");
	slot.value = 2;
	wants(ioctl(fd, LAB3_PUT, &slot) ? errno : 0, EEXIST, "LAB3_F_NEW where there is a value");
	get_well(fd, 5, 1, "first");
}

static void long_name(void)
{
	int fd = table_open();

	put_well(fd, 6, 1, "a name that has 31 bytes, whole");
	get_well(fd, 6, 1, "a name that has 31 bytes, whole");
	wants(put(fd, 6, 2, "a name that has 32 bytes, a lot!"), ENAMETOOLONG, "32 bytes");
}

static void small_room(void)
{
	char name[] = "......";
	struct lab3_slot slot = { .index = 7 };
	int fd = table_open();

	put_well(fd, 7, 1, "eight...");
	set_name(&slot, name, 6);
	wants(ioctl(fd, LAB3_GET, &slot) ? errno : 0, EMSGSIZE, "a name of 8 into 6 bytes");
	need(slot.name_len == 8, "it tells %llu bytes, not 8", (unsigned long long)slot.name_len);
	need(!strcmp(name, "......"), "and it has written \"%s\"", name);
}

static void unknown(void)
{
	wants(ioctl(table_open(), _IO(LAB3_IOC, 99)) ? errno : 0, ENOTTY, "command 99");
}

static void no_effect(void)
{
	struct lab3_slot slot = { .index = 8, .value = 2 };
	int fd = table_open();

	put_well(fd, 8, 1, "before");
	set_name(&slot, NULL, 5);
	wants(ioctl(fd, LAB3_PUT, &slot) ? errno : 0, EFAULT, "a name that is nowhere");
	get_well(fd, 8, 1, "before");
}

int main(void)
{
	point("what is put can be got", there_and_back);
	point("a slot that is not there is EINVAL", bad_index);
	point("a slot without a value is ENOENT", no_value);
	point("a structure that is not there is EFAULT", bad_pointer);
	point("no byte of the structure is padding", no_padding);
	point("the structure is the same with 32 and with 64 bits", same_layout);
	point("the commands tell in which direction data goes", directions);
	point("a 32-bit program can put", put32);
	point("a 32-bit program can get", get32);
	point("unknown flags are EINVAL", flags);
	point("what is reserved must be 0, or EINVAL", reserved);
	point("LAB3_F_NEW does not replace", only_new);
	point("too long a name is ENAMETOOLONG", long_name);
	point("a name that does not fit is EMSGSIZE, with its length", small_room);
	point("an unknown command is ENOTTY", unknown);
	point("a LAB3_PUT that fails changes nothing", no_effect);
	return 0;
}
