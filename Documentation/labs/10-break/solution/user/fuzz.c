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
 * A script, most of which makes sense: one that does not is refused at its first byte, and tests no
 * more than that.  Return: its length.
 */
static size_t make_script(unsigned char script[SCRIPT_MAX])
{
	size_t len = 4, text_len;

	memcpy(script, "LAB\n", 4);
	while (len < SCRIPT_MAX / 2 && below(8)) {
		script[len++] = "TTTDE"[below(5)];
		text_len = script[len - 1] == 'T' ? below(32) : 0;
		script[len++] = below(16) ? text_len : below(256);
		while (text_len--)
			script[len++] = below(256);
	}
	/* One that ends in the middle of something. */
	if (!below(4))
		len -= below(len);
	if (!below(16))
		script[below(len)] = below(256);
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
