// SPDX-License-Identifier: GPL-2.0
/* A table with aligned columns on the standard output. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "text.h"

struct table {
	size_t columns;
	unsigned long left;
	bool short_of_memory;
	char **cells;
	size_t n, room;
};

struct table *table_new(size_t columns, unsigned long left)
{
	struct table *table = calloc(1, sizeof(*table));

	if (table) {
		table->columns = columns;
		table->left = left;
	}
	return table;
}

void table_cell(struct table *table, const char *fmt, ...)
{
	va_list ap;
	int len;

	if (table->n == table->room) {
		size_t room = table->room ? 2 * table->room : 64;
		char **more = reallocarray(table->cells, room, sizeof(*more));

		if (!more) {
			table->short_of_memory = true;
			return;
		}
		table->cells = more;
		table->room = room;
	}
	va_start(ap, fmt);
	len = vasprintf(&table->cells[table->n], fmt, ap);
	va_end(ap);
	if (len < 0)
		table->short_of_memory = true;
	else
		table->n++;
}

static size_t column_width(const struct table *table, size_t column)
{
	size_t width = 0;

	for (size_t i = column; i < table->n; i += table->columns) {
		size_t w = text_columns(table->cells[i]);

		if (w > width)
			width = w;
	}
	return width;
}

static void print_cell(const struct table *table, size_t i, size_t width)
{
	size_t column = i % table->columns;
	bool last = column + 1 == table->columns;
	int pad = width - text_columns(table->cells[i]);

	if (table->left >> column & 1)
		printf("%s%*s", table->cells[i], last ? 0 : pad, "");
	else
		printf("%*s%s", pad, "", table->cells[i]);
	fputs(last ? "\n" : "  ", stdout);
}

int table_print(const struct table *table)
{
	size_t *widths;

	widths = calloc(table->columns, sizeof(*widths));
	if (table->short_of_memory || !widths) {
		free(widths);
		return -ENOMEM;
	}
	for (size_t c = 0; c < table->columns; c++)
		widths[c] = column_width(table, c);
	for (size_t i = 0; i < table->n && !ferror(stdout); i++)
		print_cell(table, i, widths[i % table->columns]);
	free(widths);
	return 0;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->n; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table);
}
