// SPDX-License-Identifier: GPL-2.0
/* The standard output of the verbs that go on until they are stopped. */
#include <errno.h>
#include <stdio.h>

#include "cli.h"
#include "live.h"
#include "stop.h"

int live_flush(const char *verb)
{
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_OK;
	if (errno == EPIPE)
		stop_asked++;
	if (errno != EPIPE && (errno != EINTR || !stop_asked))
		return cli_flush_stdout(verb);
	/* what is printed at the end may find somebody who reads it */
	clearerr(stdout);
	return EXIT_OK;
}
