// SPDX-License-Identifier: GPL-2.0
#include "nls.h"

#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOMAIN	"ipcchan"

/* Of this command; fails where /proc is missing, and all is in English then */
static bool own_folder(char folder[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);
	char *slash;

	if (n < 0)
		return false;
	folder[n] = '\0';
	slash = strrchr(folder, '/');
	if (!slash)
		return false;
	*slash = '\0';
	return true;
}

/* Where commands are installed there may be one that is called locale. */
static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

void nls_start(bool utf8)
{
	char folder[PATH_MAX], path[PATH_MAX + 32];

	setlocale(LC_CTYPE, "");
	setlocale(LC_MESSAGES, "");
	if (!own_folder(folder))
		return;
	snprintf(path, sizeof(path), "%s/locale", folder);
	if (!is_folder(path))
		snprintf(path, sizeof(path), "%s/../share/locale", folder);
	bindtextdomain(DOMAIN, path);
	if (utf8)
		bind_textdomain_codeset(DOMAIN, "UTF-8");
	textdomain(DOMAIN);
}
