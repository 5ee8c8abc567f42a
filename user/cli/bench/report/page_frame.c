// SPDX-License-Identifier: GPL-2.0
/* What is above and below the pictures of the page. */
#include <argp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "doc.h"
#include "page.h"

/* "cpu_model" is "cpu model" to people */
static void print_name(FILE *out, const char *name)
{
	char plain[2] = "";

	for (; *name; name++) {
		plain[0] = *name == '_' ? ' ' : *name;
		html_text(out, plain);
	}
}

static void print_scalar(FILE *out, const json_t *value)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6) | JSON_COMPACT);

	if (json_is_string(value))
		html_text(out, json_string_value(value));
	else if (json_is_null(value))
		fputs("–", out);
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "yes" : "no", out);
	else
		html_text(out, text ? text : "");
	free(text);
}

/* What an object holds, two levels deep, a row each */
static void print_members(FILE *out, const json_t *object)
{
	json_t *all = (json_t *)object, *value, *inner;
	const char *name, *inner_name;

	json_object_foreach(all, name, value) {
		if (!json_is_object(value)) {
			fputs("<tr><th scope=\"row\">", out);
			print_name(out, name);
			fputs("</th><td>", out);
			print_scalar(out, value);
			fputs("</td></tr>\n", out);
			continue;
		}
		json_object_foreach(value, inner_name, inner) {
			fputs("<tr><th scope=\"row\">", out);
			print_name(out, name);
			fputs(": ", out);
			print_name(out, inner_name);
			fputs("</th><td>", out);
			print_scalar(out, inner);
			fputs("</td></tr>\n", out);
		}
	}
}

static void print_grade(FILE *out, const json_t *env)
{
	const json_t *reasons = json_object_get(env, "grade_reasons"), *reason;
	const char *grade = doc_text(env, "grade", NULL);
	size_t i;

	if (!grade)
		return;
	fputs("<div class=\"grade\"><b>", out);
	html_text(out, grade);
	fputs("</b><div>How good this machine is for measuring, from A to F", out);
	if (json_array_size(reasons))
		fputs(":<ul>", out);
	json_array_foreach(reasons, i, reason) {
		fputs("<li>", out);
		print_scalar(out, reason);
		fputs("</li>", out);
	}
	fprintf(out, "%s</div></div>\n", json_array_size(reasons) ? "</ul>" : ".");
}

static void print_machine(FILE *out, const json_t *env)
{
	double cpus = doc_number(env, "cpus");
	const char *hypervisor = doc_text(env, "hypervisor", NULL);

	fputs("<p class=\"machine\">", out);
	html_text(out, doc_text(env, "cpu_model", "A CPU that has no name"));
	if (isfinite(cpus))
		fprintf(out, ", %.9g CPU%s", cpus, cpus == 1 ? "" : "s");
	fputs(", Linux ", out);
	html_text(out, doc_text(env, "kernel", "of a version not known"));
	putc(' ', out);
	html_text(out, doc_text(env, "arch", ""));
	if (hypervisor) {
		fputs(", under ", out);
		html_text(out, hypervisor);
	}
	fputs("</p>\n", out);
}

static void print_doubt(FILE *out, const struct page *page)
{
	const char *doubt = doc_doubt(page->doc);

	if (doubt) {
		fputs("<p class=\"warning\"><b>", out);
		fputs(page->time == SVG_INSTRUCTIONS ?
		      "Units are instructions, not times; a second is 10⁹ of them:" :
		      "The times are not those of a machine:", out);
		fputs("</b> ", out);
		html_text(out, doubt);
		fputs(".</p>\n", out);
	}
	if (json_is_true(json_object_get(page->doc, "partial")))
		fputs("<p class=\"warning\"><b>The benchmark was ended early</b>: this is what was "
		      "measured until then.</p>\n", out);
}

void page_head(struct page *page)
{
	const json_t *env = json_object_get(page->doc, "environment");
	FILE *out = page->out;

	fputs("<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	      "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
	      "<link rel=\"icon\" href=\"data:,\"/>\n"
	      "<title>ipcchan bench: ", out);
	html_text(out, doc_text(env, "cpu_model", doc_text(env, "kernel", "results")));
	fputs("</title>\n", out);
	fputs(page_style, out);
	fputs("</head>\n<body>\n<h1>Ways of passing messages, measured</h1>\n", out);
	print_machine(out, env);
	print_doubt(out, page);
	print_grade(out, env);
}

static bool is_ok(const struct row *row)
{
	return !strcmp(row->status, "ok");
}

static void print_missing(struct page *page)
{
	static const char *const heads[] = { "transport", "workload", "#bytes", "setting", "why",
					     NULL };
	const struct row *row, *end = page->rows.rows + page->rows.n;
	char setting[ROW_SETTING_SIZE];
	FILE *out = page->out;
	size_t missing = 0;

	for (row = page->rows.rows; row < end; row++)
		missing += !is_ok(row);
	if (!missing)
		return;
	page_part(page, "What was not measured", "Refused: the machine does not have it, or it "
		  "cannot work so. Failed: it hung, died or did not do its work.");
	fprintf(out, "<details><summary>%zu of %zu cases</summary><div class=\"scroll\">\n",
		missing, page->rows.n);
	table_begin(out, NULL, heads);
	for (row = page->rows.rows; row < end; row++) {
		if (is_ok(row))
			continue;
		fputs("<tr>", out);
		cell_text(out, row->transport);
		cell_text(out, row->workload);
		cell_number(out, row->size);
		cell_text(out, row_setting(row, setting));
		cell_text(out, row->status);
		fputs("</tr>\n", out);
	}
	table_end(out);
	fputs("</div></details>\n", out);
}

static void print_object(struct page *page, const char *name, const char *title)
{
	const json_t *object = json_object_get(page->doc, name);

	if (!json_is_object(object))
		return;
	fputs("<details><summary>", page->out);
	html_text(page->out, title);
	fputs("</summary><div class=\"scroll\"><table class=\"members\"><tbody>\n", page->out);
	print_members(page->out, object);
	fputs("</tbody></table></div></details>\n", page->out);
}

void page_foot(struct page *page)
{
	print_missing(page);
	fputs("<h2>How it was measured</h2>\n", page->out);
	print_object(page, "environment", "The machine");
	print_object(page, "parameters", "The runs");
	fputs("<p class=\"small\">Each run is of fresh processes; the runs of all cases are "
	      "interleaved in random order. p50 and p99 are of all runs together, the interval is "
	      "that of the runs’ medians, with a probability of 95 %; percentiles with fewer than "
	      "100 samples beyond them are not told. MB are 10⁶ bytes.", page->out);
	if (argp_program_version)
		fprintf(page->out, " Made by %s.", argp_program_version);
	fputs("</p>\n</body>\n</html>\n", page->out);
}
