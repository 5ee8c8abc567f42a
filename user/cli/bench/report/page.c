// SPDX-License-Identifier: GPL-2.0
#include "page.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "doc.h"
#include "forms.h"

void page_part(struct page *page, const char *title, const char *about)
{
	fputs("<h2>", page->out);
	html_text(page->out, title);
	fputs("</h2>\n<p>", page->out);
	html_text(page->out, about);
	fputs("</p>\n", page->out);
}

unsigned int page_picture(struct page *page, const char *title)
{
	const char *doubt = doc_doubt(page->doc);

	fputs("<figure>\n<h3>", page->out);
	html_text(page->out, title);
	fputs("</h3>\n", page->out);
	if (doubt)
		fprintf(page->out, "<p class=\"doubt\">%s</p>\n",
			page->time == SVG_INSTRUCTIONS ?
			"Instructions of an emulated CPU, not times." :
			"These times are not those of a machine.");
	return page->pictures++;
}

void page_data(struct page *page)
{
	fputs("<details><summary>The numbers</summary><div class=\"scroll\">\n", page->out);
}

void page_data_end(struct page *page)
{
	fputs("</div></details>\n</figure>\n", page->out);
}

double page_floor(const struct page *page, const char *placement)
{
	const json_t *floor;
	size_t i;

	json_array_foreach(json_object_get(page->doc, "floor"), i, floor)
		if (!strcmp(doc_text(floor, "placement", ""), placement))
			return doc_number(floor, "round_trip_ns");
	return NAN;
}

const char *page_time_unit(const struct page *page)
{
	return page->time == SVG_INSTRUCTIONS ? "instructions" : "nanoseconds";
}

void table_begin(FILE *out, const char *times, const char *const heads[])
{
	fputs("<table>", out);
	if (times)
		fprintf(out, "<caption>Times are in %s.</caption>", times);
	fputs("<thead><tr>", out);
	for (; *heads; heads++) {
		fputs(**heads == '#' ? "<th class=\"n\">" : "<th>", out);
		html_text(out, **heads == '#' ? *heads + 1 : *heads);
		fputs("</th>", out);
	}
	fputs("</tr></thead><tbody>\n", out);
}

void table_end(FILE *out)
{
	fputs("</tbody></table>\n", out);
}

void cell_text(FILE *out, const char *text)
{
	fputs("<td>", out);
	html_text(out, text);
	fputs("</td>", out);
}

/* 1234567.8 as 1,234,568; what is short, with a digit more */
void cell_number(FILE *out, double value)
{
	char digits[SVG_TEXT];
	size_t n, i;

	fputs("<td class=\"n\">", out);
	if (!isfinite(value)) {
		fputs("–</td>", out);
		return;
	}
	if (fabs(value) >= 1e15)
		snprintf(digits, sizeof(digits), "%.3g", value);
	else
		snprintf(digits, sizeof(digits), "%.*f",
			 fabs(value) < 1000 && value != floor(value) ? 1 : 0, value);
	n = fabs(value) >= 1e15 ? 0 : strcspn(digits, ".");
	for (i = 0; digits[i]; i++) {
		if (i && i < n && (n - i) % 3 == 0 && digits[i - 1] != '-')
			putc(',', out);
		putc(digits[i], out);
	}
	fputs("</td>", out);
}

static bool any_offered(const struct row *const *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (isfinite(rows[i]->offered))
			return true;
	return false;
}

static void print_row(FILE *out, const struct row *row, bool offered)
{
	char setting[ROW_SETTING_SIZE];

	fputs("<tr>", out);
	cell_text(out, row->transport);
	cell_text(out, row_setting(row, setting));
	cell_number(out, row->size);
	if (offered) {
		cell_number(out, row->offered);
		cell_text(out, row->missed ? "no" : "yes");
	}
	cell_number(out, row->p50);
	cell_number(out, row->interval[0]);
	cell_number(out, row->interval[1]);
	cell_number(out, row->p99);
	cell_number(out, doc_number(row->json, "p999_ns"));
	cell_number(out, doc_number(row->json, "max_ns"));
	cell_number(out, row->rate);
	cell_number(out, row->bytes / 1e6);
	cell_number(out, doc_number(row->json, "samples"));
	fputs("</tr>\n", out);
}

void page_rows(struct page *page, const struct row *const *rows, size_t n)
{
	static const char *const heads[] = {
		"transport", "setting", "#bytes", "#p50", "#95 % from", "#to", "#p99", "#p99.9",
		"#max", "#messages/s", "#MB/s", "#samples", NULL,
	}, *const offered_heads[] = {
		"transport", "setting", "#bytes", "#offered/s", "reached", "#p50", "#95 % from",
		"#to", "#p99", "#p99.9", "#max", "#messages/s", "#MB/s", "#samples", NULL,
	};
	bool offered = any_offered(rows, n);
	size_t i;

	table_begin(page->out, page_time_unit(page), offered ? offered_heads : heads);
	for (i = 0; i < n; i++)
		print_row(page->out, rows[i], offered);
	table_end(page->out);
}

int html_print(FILE *out, const void *arg)
{
	struct page page = {
		.out = out, .doc = arg,
		.time = doc_instructions(arg) ? SVG_INSTRUCTIONS : SVG_TIME,
	};

	if (rows_load(&page.rows, page.doc)) {
		page_head(&page);
		part_mechanisms(&page);
		part_sizes(&page);
		part_percentiles(&page);
		part_load(&page);
		part_ladder(&page);
		part_stages(&page);
		page_foot(&page);
	} else {
		page.failed = true;
	}
	rows_free(&page.rows);
	return page.failed ? -ENOMEM : 0;
}
