// SPDX-License-Identifier: GPL-2.0
/* Report: what files of the system and the kernel's log tell. */
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <time.h>
#include <unistd.h>

#include "report.h"
#include "sysroot.h"
#include "text.h"

#define MODULE_DIR	"/sys/module/ipcchan"
#define DEBUG_DIR	"/sys/kernel/debug/ipcchan"
#define LINE_SIZE	1024
/* Of one file of debugfs. */
#define DEBUG_BYTES	(256 << 10)

/* Of klogctl(), see syslog(2). */
enum {
	LOG_READ_ALL = 3,
	LOG_SIZE = 10,
};

/* A line of anything; what is longer than LINE_SIZE is cut off. */
static void print_line(const char *line, size_t len)
{
	char in[LINE_SIZE], out[4 * LINE_SIZE];

	snprintf(in, sizeof(in), "%.*s", (int)(len < sizeof(in) ? len : sizeof(in) - 1), line);
	text_safe(in, out, sizeof(out));
	puts(out);
}

/* The lines of a text; only those with @word, unless that is NULL.  Return: how many. */
static size_t print_lines(const char *text, const char *word)
{
	size_t n = 0;

	while (*text) {
		size_t len = strcspn(text, "\n");

		if (!word || memmem(text, len, word, strlen(word))) {
			print_line(text, len);
			n++;
		}
		text += len + (text[len] == '\n');
	}
	return n;
}

static void print_value(const char *title, const char *path)
{
	char text[LINE_SIZE], safe[4 * LINE_SIZE], safe_title[LINE_SIZE];

	if (!sysroot_read_line(path, text, sizeof(text)))
		return;
	text_safe(title, safe_title, sizeof(safe_title));
	text_safe(text, safe, sizeof(safe));
	printf("%-12s %s\n", safe_title, safe);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char * const *)a, *(char * const *)b);
}

static int no_dots(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void report_parameters(struct report *report)
{
	char dir[PATH_MAX], path[PATH_MAX];
	struct dirent **entries;
	int n;

	report_section("parameters of the module");
	n = scandir(sysroot_path(MODULE_DIR "/parameters", dir), &entries, no_dots, alphasort);
	if (n < 0) {
		report_missing(report, "parameters of the module",
			       sysroot_exists(MODULE_DIR) ? strerror(errno) :
							    "the module is not loaded");
		return;
	}
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), MODULE_DIR "/parameters/%s", entries[i]->d_name);
		print_value(entries[i]->d_name, path);
		free(entries[i]);
	}
	free(entries);
}

void report_system(struct report *report)
{
	char line[LINE_SIZE], when[64];
	time_t now = time(NULL);
	struct tm tm;

	report_section("system");
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S %z", localtime_r(&now, &tm));
	printf("%-12s %s\n%-12s %u\n", "time", when, "user", geteuid());
	print_value("kernel", "/proc/version");
	if (sysroot_find_line("/etc/os-release", "PRETTY_NAME=", line, sizeof(line)))
		print_line(line, strlen(line));
	print_value("uptime", "/proc/uptime");
	print_value("cpus", "/sys/devices/system/cpu/online");
	print_value("tainted", "/proc/sys/kernel/tainted");

	report_section("module");
	if (sysroot_exists(MODULE_DIR)) {
		print_value("version", MODULE_DIR "/version");
		print_value("srcversion", MODULE_DIR "/srcversion");
		print_value("state", MODULE_DIR "/initstate");
		print_value("users", MODULE_DIR "/refcnt");
		print_value("taint", MODULE_DIR "/taint");
	} else {
		report_missing(report, "module", "it is not loaded");
	}
	report_parameters(report);
}

/* Where the paths of files are collected: nftw() takes no argument. */
static struct {
	char **paths;
	size_t n;
	bool short_of_memory;
} found;

static int add_path(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	char **more;

	(void)ftw;
	if (type != FTW_F || !S_ISREG(st->st_mode))
		return 0;
	more = reallocarray(found.paths, found.n + 1, sizeof(*more));
	if (more) {
		found.paths = more;
		found.paths[found.n] = strdup(path);
	}
	if (more && found.paths[found.n])
		found.n++;
	else
		found.short_of_memory = true;
	return 0;
}

static void print_debug_file(struct report *report, const char *path, size_t skip)
{
	char *text = malloc(DEBUG_BYTES);
	ssize_t n = text ? sysroot_read(path + skip, text, DEBUG_BYTES) : -ENOMEM;

	fputs("-- ", stdout);
	print_line(path + skip, strlen(path + skip));
	if (n < 0)
		report_missing(report, "a file of debugfs", strerror(-n));
	else
		print_lines(text, NULL);
	if (n == DEBUG_BYTES - 1)
		report_missing(report, "the end of a file of debugfs",
			       "only so much is read of one");
	free(text);
}

void report_debugfs(struct report *report)
{
	char dir[PATH_MAX], root[PATH_MAX];

	report_section("debugfs");
	if (access(sysroot_path(DEBUG_DIR, dir), R_OK | X_OK)) {
		report_missing(report, "debugfs", errno == ENOENT ?
			       "there is no " DEBUG_DIR : strerror(errno));
		return;
	}
	if (nftw(dir, add_path, 8, FTW_PHYS) < 0)
		report_missing(report, "debugfs", strerror(errno));
	if (found.short_of_memory)
		report_missing(report, "debugfs", strerror(ENOMEM));
	if (found.n)
		qsort(found.paths, found.n, sizeof(*found.paths), by_name);
	for (size_t i = 0; i < found.n; i++) {
		print_debug_file(report, found.paths[i], strlen(sysroot_path("", root)));
		free(found.paths[i]);
	}
	free(found.paths);
}

void report_log(struct report *report)
{
	char *text = NULL;
	int size, n = -1;

	report_section("kernel log");
	if (!sysroot_is_live()) {
		report_missing(report, "kernel log", "not the running system");
		return;
	}
	size = klogctl(LOG_SIZE, NULL, 0);
	if (size > 0)
		text = malloc(size + 1);
	if (text)
		n = klogctl(LOG_READ_ALL, text, size);
	if (n < 0) {
		report_missing(report, "kernel log", strerror(errno));
	} else {
		text[n] = '\0';
		if (!print_lines(text, "ipcchan"))
			printf("no line of it names ipcchan\n");
	}
	free(text);
}
