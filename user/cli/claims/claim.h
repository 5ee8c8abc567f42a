/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What lecture notes say of inter-process communication, and the experiment that shows how far
 * it is so here.  An experiment fills values; the verdict is made of these and of nothing
 * else, so that values of another run, or made up ones, can be judged as well.
 *
 * To add one, write it down in the file of its group and name it in table.c.
 */
#ifndef CLAIMS_CLAIM_H
#define CLAIMS_CLAIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define CLAIM_VALUES	24
#define CLAIM_WHY	240

struct lab;

/**
 * struct claim_value - a number that was seen
 * @known: it was
 * @value: in the unit that its name ends with
 * @percent: that it lies from @low to @high has this probability; 0 where nothing is to be
 *	guessed, or nobody can say
 */
struct claim_value {
	bool known;
	double value;
	double percent;
	double low;
	double high;
};

/**
 * enum claim_verdict
 * @CLAIM_HOLDS: as it is said
 * @CLAIM_CONDITION: not always, or not all of it
 * @CLAIM_FAILS: does not hold
 * @CLAIM_UNTRIED: this machine does not let it be tried
 */
enum claim_verdict {
	CLAIM_HOLDS,
	CLAIM_CONDITION,
	CLAIM_FAILS,
	CLAIM_UNTRIED,
	CLAIM_VERDICTS,
};

/**
 * struct claim_judgement
 * @why: the condition, or what is so instead, to be translated; NULL for nothing to say
 */
struct claim_judgement {
	enum claim_verdict verdict;
	const char *why;
};

/** judged() - a judgement, as a value */
static inline struct claim_judgement judged(enum claim_verdict verdict, const char *why)
{
	return (struct claim_judgement){ .verdict = verdict, .why = why };
}

#define CELLS		16
#define CELL_SIZE	112

/**
 * struct claim_text - where is told what was seen
 * @out: the sentences
 * @cell: numbers of these, in turn
 * @next: which is to be used
 */
struct claim_text {
	FILE *out;
	char cell[CELLS][CELL_SIZE];
	unsigned int next;
};

/**
 * struct claim
 * @number: in the notes
 * @concept: what it is about, to be translated, as all texts are
 * @statement: as the notes have it
 * @done: the experiment
 * @names: of the values, each with its unit; ends with NULL
 * @needed: so many of these, the first ones, the verdict cannot do without
 * @measure: makes the experiment and fills @v; returns 0, or a negative errno with @lab->why
 *	filled
 * @judge: of @v, in which all that is @needed is known
 * @tell: what was seen, likewise
 */
struct claim {
	unsigned int number;
	const char *concept;
	const char *statement;
	const char *done;
	const char *const *names;
	unsigned int needed;
	int (*measure)(struct lab *lab, struct claim_value *v);
	struct claim_judgement (*judge)(const struct claim_value *v);
	void (*tell)(const struct claim_value *v, struct claim_text *text);
};

/**
 * struct claim_result - of a claim that was tried
 * @v: by the names of the claim
 * @failed: why it could not be tried, or judged; "" when it could, and claim_lacks() nothing
 */
struct claim_result {
	const struct claim *claim;
	struct claim_value v[CLAIM_VALUES];
	char failed[CLAIM_WHY];
};

#define CLAIMS_NR	24

/* By number, from 1 on */
extern const struct claim *const claims[CLAIMS_NR];

/** claim_find() - by number; NULL when there is none */
const struct claim *claim_find(unsigned long number);

/** claim_measure() - make the experiment; what cannot be tried is told by the result */
void claim_measure(const struct claim *claim, struct lab *lab, struct claim_result *result);

/** claim_lacks() - the name of a value that a verdict needs and that is not known; NULL for none */
const char *claim_lacks(const struct claim_result *result);

/** claim_judge() - the verdict of a result, CLAIM_UNTRIED where it has failed */
struct claim_judgement claim_judge(const struct claim_result *result);

/**
 * claim_seen() - tell what was seen, in the language of the locale
 *
 * Return: to be freed, "" when nothing was; NULL without memory.
 */
char *claim_seen(const struct claim_result *result);

/** verdict_text() - for people, translated */
const char *verdict_text(enum claim_verdict verdict);

/** verdict_word() - for programs */
const char *verdict_word(enum claim_verdict verdict);

/** value_set() - a value that was counted */
static inline void value_set(struct claim_value *v, double value)
{
	*v = (struct claim_value){ .known = true, .value = value };
}

/** value_below() - is it less than @bound, and surely so where there is an interval? */
static inline bool value_below(const struct claim_value *v, double bound)
{
	return v->known && (v->percent > 0 ? v->high : v->value) < bound;
}

/** value_above() - likewise, more */
static inline bool value_above(const struct claim_value *v, double bound)
{
	return v->known && (v->percent > 0 ? v->low : v->value) > bound;
}

/**
 * claim_number() - a value for a sentence, with its interval: 1,234 [1,200, 1,260]
 *
 * Return: valid until so many more have been asked for; "-" of what is not known.
 */
const char *claim_number(struct claim_text *text, const struct claim_value *v);

/** claim_errno() - likewise, of what was tried: errno 13; no error where that is 0 */
const char *claim_errno(struct claim_text *text, const struct claim_value *v);

/** claim_signal() - likewise: signal 11; no signal */
const char *claim_signal(struct claim_text *text, const struct claim_value *v);

/** claim_say() - one sentence more, as printf() */
void claim_say(struct claim_text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* CLAIMS_CLAIM_H */
