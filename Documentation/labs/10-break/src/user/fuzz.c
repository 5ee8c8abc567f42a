// SPDX-License-Identifier: GPL-2.0
/*
 * Lab 10: fuzz SECONDS [SEED]: writes scripts that nobody thought of to /dev/lab10, for so long.
 * The seed is told: with it the same scripts come again.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SCRIPT_MAX	512

/* A number below @limit. */
static size_t below(size_t limit)
{
	return random() % limit;
}

/*
 * A script.  Return: its length.
 *
 * TODO 1: these are refused at their first byte.  Make scripts most of which makes sense, and that
 * are wrong in one place: a length, a type, an end that comes too soon.
 */
static size_t make_script(unsigned char script[SCRIPT_MAX])
{
	size_t len = below(SCRIPT_MAX) + 1, i;

	for (i = 0; i < len; i++)
		script[i] = below(256);
	return len;
}

int main(int argc, char **argv)
{
	unsigned int seed = argc == 3 ? strtoul(argv[2], NULL, 0) : (unsigned int)time(NULL);
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 5);
	unsigned long all = 0, taken = 0;
	unsigned char script[SCRIPT_MAX];
	int fd = open("/dev/lab10", O_WRONLY);

	if (fd < 0) {
		perror("fuzz: /dev/lab10");
		return 2;
	}
	srandom(seed);
	while (time(NULL) < end) {
		taken += write(fd, script, make_script(script)) > 0;
		all++;
	}
	printf("seed %u: of %lu scripts %lu were taken\n", seed, all, taken);
	return 0;
}
