// SPDX-License-Identifier: GPL-2.0
#include "claim.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bench/readable.h"
#include "lab.h"
#include "nls.h"

const struct claim *claim_find(unsigned long number)
{
	return number >= 1 && number <= CLAIMS_NR ? claims[number - 1] : NULL;
}

const char *claim_lacks(const struct claim_result *result)
{
	unsigned int i;

	for (i = 0; i < result->claim->needed; i++)
		if (!result->v[i].known)
			return result->claim->names[i];
	return NULL;
}

/* What is timed needs some samples in each run. */
static void find_missing(struct claim_result *result)
{
	const char *name = claim_lacks(result);

	if (name)
		snprintf(result->failed, sizeof(result->failed),
			 _("too few samples for %s: the machine is too busy, or too slow"), name);
}

void claim_measure(const struct claim *claim, struct lab *lab, struct claim_result *result)
{
	int err;

	*result = (struct claim_result){ .claim = claim };
	*lab->why = '\0';
	err = claim->measure(lab, result->v);
	if (err)
		snprintf(result->failed, sizeof(result->failed), "%s",
			 *lab->why ? lab->why : strerror(-err));
	else
		find_missing(result);
}

struct claim_judgement claim_judge(const struct claim_result *result)
{
	if (*result->failed)
		return judged(CLAIM_UNTRIED, result->failed);
	return result->claim->judge(result->v);
}

char *claim_seen(const struct claim_result *result)
{
	struct claim_text text = { 0 };
	char *seen = NULL;
	size_t size;

	text.out = open_memstream(&seen, &size);
	if (!text.out)
		return NULL;
	if (!*result->failed)
		result->claim->tell(result->v, &text);
	if (!fclose(text.out))
		return seen;
	free(seen);
	return NULL;
}

const char *verdict_text(enum claim_verdict verdict)
{
	static const char *const texts[CLAIM_VERDICTS] = {
		[CLAIM_HOLDS] = N_("holds"),
		[CLAIM_CONDITION] = N_("holds with a condition"),
		[CLAIM_FAILS] = N_("does not hold"),
		[CLAIM_UNTRIED] = N_("could not be tried"),
	};

	return _(texts[verdict]);
}

const char *verdict_word(enum claim_verdict verdict)
{
	static const char *const words[CLAIM_VERDICTS] = {
		[CLAIM_HOLDS] = "holds",
		[CLAIM_CONDITION] = "holds_with_a_condition",
		[CLAIM_FAILS] = "does_not_hold",
		[CLAIM_UNTRIED] = "untried",
	};

	return words[verdict];
}

/* What was counted is whole; a ratio has two digits behind the point, or more */
static const char *plain(double value, char cell[READABLE_SIZE])
{
	if (value == floor(value) && fabs(value) < 100)
		snprintf(cell, READABLE_SIZE, "%.0f", value);
	else if (fabs(value) < 10)
		snprintf(cell, READABLE_SIZE, "%.*f", fabs(value) < 0.1 ? 4 : 2, value);
	else
		readable(value, cell);
	return cell;
}

const char *claim_number(struct claim_text *text, const struct claim_value *v)
{
	char *cell = text->cell[text->next++ % CELLS];
	char value[READABLE_SIZE], low[READABLE_SIZE], high[READABLE_SIZE];

	if (!v->known)
		return "-";
	if (v->percent > 0)
		snprintf(cell, CELL_SIZE, "%s [%s, %s]", plain(v->value, value),
			 plain(v->low, low), plain(v->high, high));
	else
		snprintf(cell, CELL_SIZE, "%s", plain(v->value, value));
	return cell;
}

/* What was seen, by @name and number; @none where that is 0 */
static const char *outcome(struct claim_text *text, const struct claim_value *v, const char *name,
			   const char *none)
{
	char *cell;

	if (!v->value)
		return none;
	cell = text->cell[text->next++ % CELLS];
	snprintf(cell, CELL_SIZE, "%s %.0f", name, v->value);
	return cell;
}

const char *claim_errno(struct claim_text *text, const struct claim_value *v)
{
	return outcome(text, v, "errno", _("no error"));
}

const char *claim_signal(struct claim_text *text, const struct claim_value *v)
{
	return outcome(text, v, _("signal"), _("no signal"));
}

void claim_say(struct claim_text *text, const char *format, ...)
{
	va_list ap;

	if (ftell(text->out) > 0)
		putc(' ', text->out);
	va_start(ap, format);
	vfprintf(text->out, format, ap);
	va_end(ap);
}
