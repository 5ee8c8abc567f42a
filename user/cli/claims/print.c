// SPDX-License-Identifier: GPL-2.0
#include "print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <wchar.h>

#include "bench/env_grade.h"
#include "lab.h"
#include "nls.h"

/* Columns of a line: as the terminal has, within reason */
#define COLUMNS		96
#define COLUMNS_LEAST	40
#define COLUMNS_MOST	120

#define INDENT		4

static int line_columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return COLUMNS;
	return size.ws_col < COLUMNS_LEAST ? COLUMNS_LEAST :
	       size.ws_col > COLUMNS_MOST ? COLUMNS_MOST : size.ws_col;
}

/* A letter of Korean takes two; what is no text in this locale one a byte */
static int word_columns(const char *word, size_t bytes)
{
	const char *end = word + bytes;
	mbstate_t state = { 0 };
	int columns = 0, width;
	wchar_t c;
	size_t n;

	while (word < end) {
		n = mbrtowc(&c, word, (size_t)(end - word), &state);
		if (n == 0 || n > (size_t)(end - word))
			return columns + (int)(end - word);
		width = wcwidth(c);
		columns += width > 0 ? width : 0;
		word += n;
	}
	return columns;
}

/* Words on lines that are indented, from @at columns of the first one on */
static void print_words(const char *text, int at)
{
	int most = line_columns(), columns;
	size_t bytes;

	for (; *text; text += bytes + (text[bytes] == ' ')) {
		bytes = strcspn(text, " ");
		columns = word_columns(text, bytes);
		if (at > INDENT && at + 1 + columns > most) {
			printf("\n%*s", INDENT, "");
			at = INDENT;
		} else if (at > INDENT) {
			putchar(' ');
			at++;
		}
		fwrite(text, 1, bytes, stdout);
		at += columns;
	}
	putchar('\n');
}

static void print_claim(const struct claim *claim)
{
	char head[128];

	snprintf(head, sizeof(head), "%2u. %s:", claim->number, _(claim->concept));
	fputs(head, stdout);
	print_words(_(claim->statement), word_columns(head, strlen(head)));
}

static void print_part(const char *head, const char *text)
{
	printf("%*s%s", INDENT, "", head);
	print_words(text, INDENT + word_columns(head, strlen(head)));
}

void print_list(void)
{
	size_t i;

	for (i = 0; i < CLAIMS_NR; i++)
		print_claim(claims[i]);
}

void print_head(const struct lab *lab)
{
	const struct env_grade grade = env_grade(&lab->env);
	const char *doubt = env_times_doubt(&lab->clock);
	struct utsname uts;

	uname(&uts);
	printf(_("Linux %s %s, CPUs: %d, grade of this machine for measuring: %c"), uts.release,
	       uts.machine, lab->cpus, grade.letter);
	printf("\n%s\n", lab->module ? _("The module of ipcchan is loaded.") :
		_("The module of ipcchan is not loaded, or may not be used: what needs it is "
		  "tried without."));
	if (doubt)
		printf(_("Mind: %s."), doubt);
	if (doubt)
		putchar('\n');
	printf("%s\n\n", _("[a, b]: the value lies in there, of a median with 95 %, of a ratio "
			   "with 99 %."));
	fflush(stdout);
}

int print_result(const struct claim_result *result)
{
	const struct claim_judgement judgement = claim_judge(result);
	char *seen = claim_seen(result), *verdict = NULL;

	if (!seen)
		return -ENOMEM;
	if (asprintf(&verdict, "%s%s%s", verdict_text(judgement.verdict),
		     judgement.why ? ": " : "", judgement.why ? _(judgement.why) : "") < 0) {
		free(seen);
		return -ENOMEM;
	}
	print_claim(result->claim);
	print_part(_("Done:"), _(result->claim->done));
	if (*seen)
		print_part(_("Seen:"), seen);
	print_part("=>", verdict);
	putchar('\n');
	fflush(stdout);
	free(verdict);
	free(seen);
	return 0;
}

void print_sum(const struct claim_result *results, size_t n)
{
	unsigned int count[CLAIM_VERDICTS] = { 0 };
	size_t i;

	for (i = 0; i < n; i++)
		count[claim_judge(&results[i]).verdict]++;
	printf(_("Of %zu claims %u hold, %u hold with a condition, %u do not hold, %u could not be "
		 "tried."), n, count[CLAIM_HOLDS], count[CLAIM_CONDITION], count[CLAIM_FAILS],
	       count[CLAIM_UNTRIED]);
	putchar('\n');
}
