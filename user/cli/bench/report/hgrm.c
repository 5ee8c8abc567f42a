// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms as the tools of HdrHistogram print and plot them: each in a file of its own,
 * whose name its curve is labelled with.
 */
#include "hgrm.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../out_file.h"
#include "doc.h"

/* Percentiles told of each half of the way that is left to 100 % */
#define TICKS_PER_HALF	5

/* Above it, steps would be lost in rounding */
#define MAX_PERCENTILE	(100 - 1e-9)

#define MAX_NAME	200

/* The next one, as HdrHistogram has them */
static double next_percentile(double percentile)
{
	double halves = floor(log2(100 / (100 - percentile))) + 1;

	return percentile + 100 / (TICKS_PER_HALF * exp2(halves));
}

static void print_line(FILE *out, const struct doc_hist *hist, size_t i, double percentile,
		       double count)
{
	fprintf(out, "%12.3f %2.12f %10.0f ", doc_item(hist->values, i) / hist->batch,
		percentile / 100, count);
	if (percentile < 100)
		fprintf(out, "%14.2f\n", 1 / (1 - percentile / 100));
	else
		fprintf(out, "%14s\n", "inf");
}

static void print_lines(FILE *out, const struct doc_hist *hist)
{
	double percentile = 0, count = 0;
	size_t i;

	for (i = 0; i < hist->n; i++) {
		count += doc_item(hist->counts, i);
		if (i == hist->n - 1)
			break;
		while (percentile < MAX_PERCENTILE && 100 * count / hist->total >= percentile) {
			print_line(out, hist, i, percentile, count);
			percentile = next_percentile(percentile);
		}
	}
	print_line(out, hist, i, 100, count);
}

static void print_foot(FILE *out, const struct doc_hist *hist, double max)
{
	double sum = 0, squares = 0, mean, value;
	size_t i;

	for (i = 0; i < hist->n; i++)
		sum += doc_item(hist->values, i) / hist->batch * doc_item(hist->counts, i);
	mean = sum / hist->total;
	for (i = 0; i < hist->n; i++) {
		value = doc_item(hist->values, i) / hist->batch - mean;
		squares += value * value * doc_item(hist->counts, i);
	}
	if (isnan(max))
		max = doc_item(hist->values, hist->n - 1) / hist->batch;
	fprintf(out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n"
		"#[Max     = %12.3f, Total count    = %12.0f]\n", mean,
		sqrt(squares / hist->total), max, hist->total);
}

static int print_result(FILE *out, const void *arg)
{
	const json_t *result = arg;
	struct doc_hist hist;

	if (!doc_hist_of(result, &hist))
		return -EINVAL;
	fprintf(out, "# in nanoseconds, or instructions where those were counted; each value is "
		"the mean of %.0f\n", hist.batch);
	fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
		"1/(1-Percentile)");
	print_lines(out, &hist);
	print_foot(out, &hist, doc_number(result, "max_ns"));
	return 0;
}

/* What is not for the name of a file becomes a _ */
static void make_plain(char *name)
{
	for (; *name; name++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			    "+-_.", *name))
			*name = '_';
}

/* Two results may differ in what is not in the name: the index then tells them apart */
static void make_name(char name[MAX_NAME], const json_t *result, size_t index,
		      json_t *taken)
{
	double rate = doc_number(result, "offered_per_s");
	int n;

	n = snprintf(name, MAX_NAME - 64, "%s-%s-%s-%.0f-%s", doc_text(result, "transport", ""),
		     doc_text(result, "wait", ""), doc_text(result, "workload", ""),
		     doc_number(result, "size_bytes"), doc_text(result, "placement", ""));
	if (n > MAX_NAME - 65)
		n = MAX_NAME - 65;
	if (rate > 0)
		n += snprintf(name + n, 32, "-%.6g", rate);
	make_plain(name);
	if (name[0] == '.')
		name[0] = '_';
	if (json_object_get(taken, name))
		snprintf(name + n, 32, "-%zu", index);
	json_object_set_new(taken, name, json_true());
}

static int write_result(const char *folder, const char *name, const json_t *result)
{
	char *path;
	int err;

	if (asprintf(&path, "%s/%s.hgrm", folder, name) < 0)
		return -ENOMEM;
	err = out_file_write(path, print_result, result);
	free(path);
	return err;
}

int hgrm_check(const char *folder)
{
	struct stat st;
	char *mark;
	int err;

	if (!stat(folder, &st)) {
		if (!S_ISDIR(st.st_mode))
			return -ENOTDIR;
		return access(folder, W_OK | X_OK) ? -errno : 0;
	}
	if (errno != ENOENT || !*folder)
		return -errno;
	/* that it can be made is what a file of its name can be told by */
	mark = strdup(folder);
	if (!mark)
		return -ENOMEM;
	while (strlen(mark) > 1 && mark[strlen(mark) - 1] == '/')
		mark[strlen(mark) - 1] = '\0';
	err = out_file_check(mark);
	free(mark);
	return err;
}

int hgrm_write(const char *folder, const json_t *doc)
{
	json_t *taken = json_object();
	char name[MAX_NAME];
	struct doc_hist hist;
	const json_t *result;
	int err = 0;
	size_t i;

	if (!taken)
		return -ENOMEM;
	if (mkdir(folder, 0777) && errno != EEXIST)
		err = -errno;
	json_array_foreach(json_object_get(doc, "results"), i, result) {
		if (err)
			break;
		if (!doc_hist_of(result, &hist))
			continue;
		make_name(name, result, i, taken);
		err = write_result(folder, name, result);
	}
	json_decref(taken);
	return err;
}
